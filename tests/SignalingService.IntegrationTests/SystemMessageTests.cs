using System.Net.WebSockets;
using SignalingService.Contracts;
using SignalingService.IntegrationTests.Fixtures;

namespace SignalingService.IntegrationTests;

public sealed class SystemMessageTests(TwoInstances instances) : IClassFixture<TwoInstances>
{
    [Fact]
    public async Task Call_is_rejected_as_busy_across_instances_on_every_device()
    {
        await using var caller = await ConnectAsync(instances.First, 11);
        await using var callee = await ConnectAsync(instances.Second, 12);
        await using var calleesOtherDevice = await ConnectAsync(instances.First, 12);
        await caller.SendAsync("""{"type":"send","id":"call-1","to":[12],"body":"ring","extension":{"callStart":"1","participantIds":"11,12"}}""");
        Assert.Equal("call-1", (string?)(await caller.WaitAsync(frame => (string?)frame["type"] == "sent"))["id"]);
        foreach (var device in new[] { callee, calleesOtherDevice })
        {
            var ring = await device.WaitAsync(frame => (string?)frame["type"] == "message");
            Assert.Equal((11, "ring", "1"), ((int)ring["from"]!, (string?)ring["body"], (string?)ring["extension"]!["callStart"]));
            Assert.True((long)ring["sentAt"]! > 1_700_000_000);
        }
        await callee.SendAsync("""{"type":"send","to":11,"extension":{"callRejected":"1","busy":"true"}}""");
        var busy = await caller.WaitAsync(frame => (string?)frame["type"] == "message");
        Assert.Equal((12, "true"), ((int)busy["from"]!, (string?)busy["extension"]!["busy"]));
    }

    [Fact]
    public async Task Message_that_is_delivered_twice_is_passed_on_once()
    {
        await using var user = await ConnectAsync(instances.First, 21);
        var message = new SystemMessage("twice", 1, 20, 21, "hello", null, DateTimeOffset.UtcNow);
        await instances.Second.Bus.Publish(message, TestContext.Current.CancellationToken);
        await instances.Second.Bus.Publish(message, TestContext.Current.CancellationToken);
        await instances.Second.Bus.Publish(message with { Id = "last" }, TestContext.Current.CancellationToken);
        Assert.Equal("twice", (string?)(await user.WaitAsync(frame => (string?)frame["type"] == "message"))["id"]);
        Assert.Equal("last", (string?)(await user.WaitAsync(frame => (string?)frame["type"] == "message"))["id"]);
    }

    [Fact]
    public async Task Messages_arrive_in_the_order_in_which_they_were_sent()
    {
        await using var user = await ConnectAsync(instances.First, 22);
        string[] ids = [.. Enumerable.Range(0, 500).Select(number => $"{number}")];
        foreach (var id in ids)
            await instances.Second.Bus.Publish(new SystemMessage(id, 1, 20, 22, "", null, DateTimeOffset.UtcNow), TestContext.Current.CancellationToken);
        List<string?> arrived = [];
        while (arrived.Count < ids.Length)
            arrived.Add((string?)(await user.WaitAsync(frame => (string?)frame["type"] == "message"))["id"]);
        Assert.Equal(ids, arrived);
    }

    [Fact]
    public async Task Users_of_another_application_are_other_users()
    {
        await using var sender = await ConnectAsync(instances.First, 31);
        await using var stranger = await ConnectAsync(instances.First, 32, applicationId: 2);
        await using var recipient = await ConnectAsync(instances.First, 32);
        await sender.SendAsync("""{"type":"send","to":32,"body":"private"}""");
        await recipient.WaitAsync(frame => (string?)frame["type"] == "message");
        await stranger.SendAsync("""{"type":"ping"}""");
        Assert.Equal("pong", (string?)(await stranger.WaitAsync(_ => true))["type"]);
    }

    [Theory]
    [InlineData("""{"type":"send","to":1}""")]
    [InlineData("""{"type":"authenticate","token":"forged"}""")]
    public async Task Whoever_does_not_authenticate_is_closed_with_4401(string frame)
    {
        await using var socket = await JsonSocket.OpenAsync($"{instances.First.WebSocketAddress}/system-messages");
        await socket.SendAsync(frame);
        Assert.Equal(401, (int?)(await socket.WaitAsync(answer => (string?)answer["type"] == "error"))["code"]);
        Assert.Equal((WebSocketCloseStatus)4401, await socket.WaitForCloseAsync());
    }

    [Fact]
    public async Task Too_many_requests_are_refused_and_the_connection_stays()
    {
        await using var strict = await instances.StartAnotherAsync(("SystemMessages:RequestBurst", "2"), ("SystemMessages:RequestsPerSecond", "1"));
        await using var user = await ConnectAsync(strict, 41);
        for (var ping = 0; ping < 5; ping++)
            await user.SendAsync("""{"type":"ping"}""");
        Assert.Equal(429, (int?)(await user.WaitAsync(frame => (string?)frame["type"] == "error"))["code"]);
    }

    private static async Task<JsonSocket> ConnectAsync(Instance instance, long userId, long applicationId = 1)
    {
        var socket = await JsonSocket.OpenAsync($"{instance.WebSocketAddress}/system-messages");
        await socket.SendAsync($$"""{"type":"authenticate","token":"{{Tokens.For(userId, applicationId)}}","transaction":"a"}""");
        var reply = await socket.WaitAsync(frame => (string?)frame["transaction"] == "a");
        Assert.Equal(("authenticated", userId), ((string?)reply["type"], (long)reply["userId"]!));
        return socket;
    }
}
