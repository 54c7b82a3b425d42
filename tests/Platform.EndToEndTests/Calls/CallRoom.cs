using MediaNode.TestPeer.Janus;
using MediaNode.TestPeer.Sockets;
using Platform.Testing;

namespace Platform.EndToEndTests.Calls;

/// <summary>A meeting, and participants without browsers in it.</summary>
internal sealed class CallRoom : IAsyncDisposable
{
    /// <summary>Covers starting again of a service on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Two more still fit into the room.</summary>
    private const int MostBallast = 10;

    private readonly RunningPlatform _platform;
    private readonly PeerLoop _loop = new();
    private readonly List<JanusParticipant> _participants = [];

    private CallRoom(RunningPlatform platform, Identity host, string id)
    {
        _platform = platform;
        Host = host;
        Id = id;
    }

    public string Id { get; }

    public Identity Host { get; }

    public PeerLoop Loop => _loop;

    public static async Task<CallRoom> OpenAsync(RunningPlatform platform)
    {
        var host = await platform.OpenGuestSessionAsync("Host");
        return new(platform, host, await platform.ScheduleOpenMeetingAsync(host));
    }

    public async Task<JanusParticipant> EnterAsync(string name, Dialect dialect = Dialect.Sdk) =>
        await EnterAsync(await _platform.OpenGuestSessionAsync(name), dialect);

    public async Task<JanusParticipant> EnterAsync(Identity identity, Dialect dialect = Dialect.Sdk)
    {
        var participant = await JanusParticipant.ConnectAsync(_loop, _platform.Gateway, identity, dialect);
        _participants.Add(participant);
        await participant.JoinAsync(Id);
        // InstanceOf and NodeOf read it.
        await Eventually.BecomesTrue(() => Joins(identity.UserId).Any(), Patience, $"the join of user {identity.UserId} is in an instance's log");
        return participant;
    }

    /// <summary>
    /// Two who come one after the other, by different instances. The Gateway takes the instance with fewer connections, but leaves one out for some
    /// seconds that has died before, as a test before this one may have had it: until then those who come to the same instance leave again.
    /// </summary>
    public async Task<(JanusParticipant First, JanusParticipant Second)> EnterAcrossAsync()
    {
        var first = await EnterAsync("Ann");
        JanusParticipant? second = null;
        await Eventually.BecomesTrue(
            async () =>
            {
                second = await EnterAsync("Bob");
                var isElsewhere = InstanceOf(second.Identity.UserId) != InstanceOf(first.Identity.UserId);
                if (!isElsewhere)
                    await second.LeaveAsync();
                return isElsewhere;
            },
            Patience,
            "participants come to both instances");
        return (first, second!);
    }

    /// <summary>For calls that are to go by both instances: until those who come are spread over them.</summary>
    public static async Task AwaitBothInstancesAsync(RunningPlatform platform)
    {
        await using var room = await OpenAsync(platform);
        await room.EnterAcrossAsync();
    }

    /// <summary>Gives an instance so many connections that whoever comes next comes to another one.</summary>
    public Task WeighDownAsync(string instance) => Eventually.BecomesTrue(
        async () =>
        {
            // When both have come elsewhere and gone again, that instance has at least one connection more.
            JanusParticipant[] pair = [await EnterAsync("Ballast"), await EnterAsync("Ballast")];
            var elsewhere = pair.Where(ballast => InstanceOf(ballast.Identity.UserId) != instance).ToList();
            await LeaveAsync(elsewhere);
            // The other one may have died a moment ago and be left out: before the room is full, all go and come again.
            if (_participants.Count > MostBallast)
                await LeaveAsync([.. _participants]);
            return elsewhere.Count == pair.Length;
        },
        Patience,
        $"who comes next does not come to {instance}");

    private async Task LeaveAsync(IReadOnlyList<JanusParticipant> leaving)
    {
        foreach (var participant in leaving)
        {
            _participants.Remove(participant);
            await participant.DisposeAsync();
        }
    }

    /// <summary>As a page does that has lost its connection: until it succeeds.</summary>
    public async Task<JanusParticipant> EnterAgainAsync(Identity identity)
    {
        JanusParticipant? participant = null;
        var problem = "";
        await Eventually.BecomesTrue(
            async () =>
            {
                try
                {
                    participant = await EnterAsync(identity);
                }
                catch (Exception refused) when (refused is JanusException or System.Net.WebSockets.WebSocketException)
                {
                    problem = refused.Message;
                }
                return participant is not null;
            },
            Patience,
            $"user {identity.UserId} joins again");
        Assert.True(participant is not null, problem);
        return participant;
    }

    /// <summary>Waits until so many more packets of audio and of video have come than by now.</summary>
    public static async Task ReceivesMoreAsync(JanusParticipant viewer, ulong publisher, int packets = 50)
    {
        await Eventually.BecomesTrue(
            () => viewer.Failed.IsCompleted || viewer.Subscriptions.ContainsKey(publisher), Patience, $"{viewer.Identity.Name} subscribes to user {publisher}");
        Assert.False(viewer.Failed.IsCompleted, viewer.Failed.IsCompleted ? await viewer.Failed : null);
        var subscription = viewer.Subscriptions[publisher];
        var before = await subscription.CountsAsync();
        var now = before;
        try
        {
            await Eventually.BecomesTrue(
                async () => (now = await subscription.CountsAsync()).Video >= before.Video + packets && now.Audio >= before.Audio + packets / 2,
                Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{viewer.Identity.Name} receives too little of user {publisher}: {before}, then {now}");
        }
    }

    /// <summary>The replica by which a user joined this room.</summary>
    public string InstanceOf(ulong user) => Joins(user).Select(join => join.Instance).Distinct().Single();

    /// <summary>The media node that a user's last join went to, by its stable name.</summary>
    public string NodeOf(ulong user) => Joins(user).Last(join => join.Instance == InstanceOf(user)).Node;

    public async ValueTask DisposeAsync()
    {
        foreach (var participant in _participants)
            await participant.DisposeAsync();
        _loop.Dispose();
    }

    private IEnumerable<Join> Joins(ulong user) => _platform.JoinsOf(user).Where(join => join.Room == Id);
}
