using System.Text.Json.Nodes;
using Platform.Testing;
using SignalingService.IntegrationTests.Fixtures;

namespace SignalingService.IntegrationTests;

public sealed class BrokerTests(PostgresServer postgres, RabbitMqServer rabbit)
{
    [Fact]
    public async Task While_the_broker_is_away_senders_are_told_and_calls_go_on_and_afterwards_messages_flow_again()
    {
        var broker = new Uri(await rabbit.CreateVirtualHostAsync());
        using var relay = new Relay(broker.Port);
        await using var meetings = await Meetings.StartAsync();
        await using var instance = await Instance.StartAsync(
            await postgres.CreateDatabaseAsync(), new UriBuilder(broker) { Port = relay.Port }.Uri.AbsoluteUri, meetings.Address);
        await using var node = await RecordedNode.StartAsync();
        instance.Hear(node.Heartbeat);
        await using var ann = await ConnectAsync(instance, 1);
        await using var bob = await ConnectAsync(instance, 2);
        await using var caller = await JanusClient.ConnectAsync(instance, 1);
        var handle = await caller.AttachAsync();
        await caller.JoinAsync(handle, "5fb1d8a9c2e4f6a7b8c9d0e1");

        relay.Cut();
        Assert.Equal(503, (int?)(await SendAsync(ann, "away"))["code"]);
        Assert.Equal("ok", (string?)(await caller.PublishAsync(handle))["configured"]);

        relay.Mend();
        await Eventually.BecomesTrue(
            async () => (string?)(await SendAsync(ann, "back"))["type"] == "sent", TimeSpan.FromSeconds(60), "messages are taken again");
        await bob.WaitAsync(frame => (string?)frame["type"] == "message" && (string?)frame["id"] == "back");
    }

    private static async Task<JsonSocket> ConnectAsync(Instance instance, long userId)
    {
        var socket = await JsonSocket.OpenAsync($"{instance.WebSocketAddress}/system-messages");
        await socket.SendAsync($$"""{"type":"authenticate","token":"{{Tokens.For(userId)}}"}""");
        await socket.WaitAsync(frame => (string?)frame["type"] == "authenticated");
        return socket;
    }

    private static async Task<JsonNode> SendAsync(JsonSocket socket, string id)
    {
        await socket.SendAsync($$"""{"type":"send","id":"{{id}}","to":2}""");
        return await socket.WaitAsync(frame => (string?)frame["id"] == id && (string?)frame["type"] is "sent" or "error");
    }
}
