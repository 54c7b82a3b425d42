using MediaNode.TestPeer.Janus;
using MediaNode.TestPeer.Sockets;
using Platform.Testing;

namespace Platform.EndToEndTests.Calls;

/// <summary>A room as full as the platform lets it become, with real DTLS and SRTP over UDP.</summary>
public sealed class FullRoomTests(RunningPlatform platform)
{
    private const int Participants = 12;
    private const int VideoPackets = 50;

    [Fact]
    public async Task Twelve_people_receive_audio_and_video_of_one_another_and_see_who_leaves()
    {
        await CallRoom.AwaitBothInstancesAsync(platform);
        await using var room = await CallRoom.OpenAsync(platform);
        var everybody = new List<JanusParticipant>();
        for (var number = 0; number < Participants; number++)
            everybody.Add(await room.EnterAsync($"User {number}", number % 2 == 0 ? Dialect.Sdk : Dialect.Stock));

        await Eventually.BecomesTrue(
            () => everybody.All(viewer => viewer.Failed.IsCompleted || viewer.Subscriptions.Count == Participants - 1),
            CallRoom.Patience,
            "everybody subscribes to everybody else");
        Assert.All(everybody, viewer => Assert.False(viewer.Failed.IsCompleted, viewer.Failed.IsCompleted ? viewer.Failed.Result : null));
        await Eventually.BecomesTrue(
            async () => (await CountsAsync(everybody)).All(counts => counts.Video >= VideoPackets && counts.Audio >= VideoPackets / 2),
            CallRoom.Patience,
            "every subscription receives audio and video");
        Assert.All(await CountsAsync(everybody), counts =>
        {
            Assert.True(counts.BeginsWithKeyFrame, $"the picture begins with a key frame: {counts}");
            Assert.Equal((0, 0), (counts.Unexpected, counts.Rejected));
        });
        Assert.Equal(JoinLog.Instances, everybody.Select(user => room.InstanceOf(user.Identity.UserId)).Distinct().Order());
        Assert.Single(everybody.Select(user => room.NodeOf(user.Identity.UserId)).Distinct());

        var leaver = everybody[0];
        var others = everybody[1..];
        await leaver.LeaveAsync();
        await Eventually.BecomesTrue(
            () => others.All(viewer => viewer.Left.SequenceEqual([leaver.Identity.UserId]) && viewer.Subscriptions.Count == Participants - 2),
            CallRoom.Patience,
            "everybody hears who has left");
        Assert.Equal(others.Select(user => user.Identity.UserId).Order(), (await others[0].ListParticipantsAsync()).Order());
        await CallRoom.ReceivesMoreAsync(others[0], others[1].Identity.UserId);
    }

    private static async Task<IReadOnlyList<ReceivedCounts>> CountsAsync(IEnumerable<JanusParticipant> everybody) =>
        await Task.WhenAll(everybody.SelectMany(viewer => viewer.Subscriptions.Values).Select(subscription => subscription.CountsAsync()));
}
