using System.Text.RegularExpressions;
using MediaNode.TestPeer.Janus;
using MediaNode.TestPeer.Sockets;
using Platform.Testing;

namespace Platform.EndToEndTests.Calls;

/// <summary>A meeting, and participants without browsers in it.</summary>
internal sealed partial class CallRoom : IAsyncDisposable
{
    /// <summary>Covers starting again of a service on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string[] Instances = ["signaling-0", "signaling-1"];

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
        // The log comes to its file by a pipe, a moment after the answer; InstanceOf and NodeOf read it.
        await Eventually.BecomesTrue(
            () => Instances.Any(instance => HasJoined(instance, identity.UserId)), Patience, $"the join of user {identity.UserId} is in an instance's log");
        return participant;
    }

    /// <summary>
    /// Two who come one after the other, by different instances. The Gateway takes the instance with fewer connections, but leaves one out for some
    /// seconds that has died before, as a test before this one may have had it: until then both go again.
    /// </summary>
    public async Task<(JanusParticipant First, JanusParticipant Second)> EnterAcrossAsync()
    {
        (JanusParticipant First, JanusParticipant Second)? pair = null;
        await Eventually.BecomesTrue(
            async () =>
            {
                var (first, second) = (await EnterAsync("Ann"), await EnterAsync("Bob"));
                if (InstanceOf(first.Identity.UserId) != InstanceOf(second.Identity.UserId))
                    pair = (first, second);
                else
                    await Task.WhenAll(LeaveAsync(first), LeaveAsync(second));
                return pair is not null;
            },
            Patience,
            "participants come to both instances");
        return pair!.Value;
    }

    /// <summary>For calls that are to go by both instances: until those who come are spread over them.</summary>
    public static async Task AwaitBothInstancesAsync(RunningPlatform platform)
    {
        await using var room = await OpenAsync(platform);
        await room.EnterAcrossAsync();
    }

    /// <summary>Gives the instance by which a user joined any room so many connections that whoever comes next comes to another one.</summary>
    public async Task WeighDownInstanceOfAsync(ulong user)
    {
        var instance = await InstanceOfAnyRoomAsync(user);
        // Two elsewhere in a row: when they have gone, that instance has at least one connection fewer.
        var elsewhere = new Stack<JanusParticipant>();
        await Eventually.BecomesTrue(
            async () =>
            {
                var ballast = await EnterAsync("Ballast");
                if (InstanceOf(ballast.Identity.UserId) != instance)
                {
                    elsewhere.Push(ballast);
                    return elsewhere.Count == 2;
                }
                while (elsewhere.TryPop(out var gone))
                    await LeaveAsync(gone);
                return false;
            },
            Patience,
            $"who comes next does not come to {instance}");
        while (elsewhere.TryPop(out var gone))
            await LeaveAsync(gone);
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

    /// <summary>The replica by which a user joined this room last, as its log says.</summary>
    public string InstanceOf(ulong user) => Instances.Single(instance => HasJoined(instance, user));

    /// <summary>The media node that a user's last join went to, by its stable name: its id has something appended that changes with each start.</summary>
    public string NodeOf(ulong user) => Joins()
        .Matches(_platform.Log(InstanceOf(user)))
        .Last(join => join.Groups["user"].Value == $"{user}" && join.Groups["room"].Value == Id)
        .Groups["node"].Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var participant in _participants)
            await participant.DisposeAsync();
        _loop.Dispose();
    }

    private async Task<string> InstanceOfAnyRoomAsync(ulong user)
    {
        string? instance = null;
        await Eventually.BecomesTrue(
            () => (instance = Instances.FirstOrDefault(instance => _platform.Log(instance).Contains($"user {user} joined room", StringComparison.Ordinal))) is not null,
            Patience,
            $"the join of user {user} is in an instance's log");
        return instance!;
    }

    private async Task LeaveAsync(JanusParticipant participant)
    {
        _participants.Remove(participant);
        await participant.DisposeAsync();
    }

    private bool HasJoined(string instance, ulong user) =>
        _platform.Log(instance).Contains($"user {user} joined room {Id}", StringComparison.Ordinal);

    [GeneratedRegex("user (?<user>[0-9]+) joined room (?<room>[0-9a-f]+) on media node (?<node>media-[0-9]+)-")]
    private static partial Regex Joins();
}
