using MediaNode.TestPeer.Janus;
using Platform.EndToEndTests.Calls;

namespace Platform.EndToEndTests.Failures;

/// <summary>Each service dies during a call. What it does is interrupted; nothing else is, and it comes back by itself.</summary>
public sealed class KilledServiceTests(RunningPlatform platform)
{
    [Theory]
    [InlineData("meetings")]
    [InlineData("notifications")]
    [InlineData("postgres")]
    [InlineData("messaging")]
    public async Task A_call_goes_on_while_a_service_outside_of_it_is_killed(string service)
    {
        await using var room = await CallRoom.OpenAsync(platform);
        var (ann, bob) = await MeetAsync(room);

        await platform.KillAndAwaitRestartAsync(service, () => SeeEachOtherAsync(ann, bob));

        await SeeEachOtherAsync(ann, bob);
        Assert.False(ann.Interrupted.IsCompleted || bob.Interrupted.IsCompleted, "nobody was told to join again");
        var cem = await room.EnterAgainAsync(await platform.OpenGuestSessionAsync("Cem"));
        await SeeEachOtherAsync(cem, ann);
    }

    [Fact]
    public async Task A_node_without_the_room_is_killed_unnoticed()
    {
        await using var room = await CallRoom.OpenAsync(platform);
        var (ann, bob) = await MeetAsync(room);
        var other = room.NodeOf(ann.Identity.UserId) == "media-0" ? "media-1" : "media-0";

        await platform.KillAndAwaitRestartAsync(other, () => SeeEachOtherAsync(ann, bob));

        await SeeEachOtherAsync(ann, bob);
        Assert.False(ann.Interrupted.IsCompleted || bob.Interrupted.IsCompleted, "nobody was told to join again");
    }

    [Fact]
    public async Task When_the_rooms_node_is_killed_everybody_is_told_and_meets_again()
    {
        await using var room = await CallRoom.OpenAsync(platform);
        var (ann, bob) = await MeetAsync(room);

        await platform.KillAndAwaitRestartAsync(room.NodeOf(ann.Identity.UserId), async () =>
        {
            foreach (var participant in new[] { ann, bob })
            {
                var news = await participant.Interrupted.WaitAsync(CallRoom.Patience, TestContext.Current.CancellationToken);
                Assert.Contains("\"error_code\":499", news, StringComparison.Ordinal);
                Assert.False(participant.Connection.Closed.IsCompleted, "the signalling connection stays");
            }
            await ann.JoinAsync(room.Id);
            await bob.JoinAsync(room.Id);
            await SeeEachOtherAsync(ann, bob);
        });
    }

    [Theory]
    [InlineData("signaling-0")]
    [InlineData("signaling-1")]
    public async Task Who_loses_a_signalling_instance_joins_again_by_the_other_one(string instance)
    {
        await using var room = await CallRoom.OpenAsync(platform);
        var (victim, witness) = await MeetAcrossAsync(room, instance);

        await platform.KillAndAwaitRestartAsync(instance, async () =>
        {
            await victim.Connection.Closed.WaitAsync(CallRoom.Patience, TestContext.Current.CancellationToken);
            var again = await room.EnterAgainAsync(victim.Identity);
            await SeeEachOtherAsync(again, witness);
        });
        Assert.False(witness.Interrupted.IsCompleted, "the other instance's client notices nothing");
    }

    [Fact]
    public async Task When_the_gateway_is_killed_everybody_is_cut_off_and_meets_again()
    {
        await using var room = await CallRoom.OpenAsync(platform);
        var (ann, bob) = await MeetAsync(room);

        await platform.KillAndAwaitRestartAsync("gateway", async () =>
        {
            await Task.WhenAll(ann.Connection.Closed, bob.Connection.Closed).WaitAsync(CallRoom.Patience, TestContext.Current.CancellationToken);
            var annAgain = await room.EnterAgainAsync(ann.Identity);
            var bobAgain = await room.EnterAgainAsync(bob.Identity);
            await SeeEachOtherAsync(annAgain, bobAgain);
        });
    }

    private static async Task<(JanusParticipant Ann, JanusParticipant Bob)> MeetAsync(CallRoom room)
    {
        var ann = await room.EnterAsync("Ann");
        var bob = await room.EnterAsync("Bob", Dialect.Stock);
        await SeeEachOtherAsync(ann, bob);
        return (ann, bob);
    }

    /// <summary>One on the instance, one on the other.</summary>
    private static async Task<(JanusParticipant On, JanusParticipant Off)> MeetAcrossAsync(CallRoom room, string instance)
    {
        var (first, second) = await room.EnterAcrossAsync();
        await SeeEachOtherAsync(first, second);
        return room.InstanceOf(first.Identity.UserId) == instance ? (first, second) : (second, first);
    }

    private static async Task SeeEachOtherAsync(JanusParticipant one, JanusParticipant other)
    {
        await CallRoom.ReceivesMoreAsync(one, other.Identity.UserId);
        await CallRoom.ReceivesMoreAsync(other, one.Identity.UserId);
    }
}
