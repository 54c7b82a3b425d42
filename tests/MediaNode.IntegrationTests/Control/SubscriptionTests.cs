using MediaNode.Control.V1;
using MediaNode.IntegrationTests.Fixtures;

namespace MediaNode.IntegrationTests.Control;

public sealed class SubscriptionTests
{
    [Fact]
    public async Task Unsubscribed_stream_is_told_as_a_line_that_carries_nothing()
    {
        await using var node = await NodeProcess.StartAsync();
        using var call = await Call.StartAsync(node.Control, "changing-room");

        var reply = await node.Control.UpdateSubscriptionAsync(
            new() { Room = call.Room, PeerId = 2, Unsubscribe = { new SubscribedMid { Mid = "1" } } }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([true, false], reply.Streams.Select(stream => stream.Active));
        Assert.Equal(["0", "1"], reply.Streams.Select(stream => stream.Stream.Mid));
        Assert.Equal("", reply.Streams[1].PublisherMid);
    }
}
