using MediaNode.TestPeer.Janus;
using MediaNode.TestPeer.Sockets;
using Platform.EndToEndTests.Calls;
using Platform.Testing;

namespace Platform.EndToEndTests.BadInput;

/// <summary>A room with a participant who sees what others leave behind.</summary>
public sealed class WatchedRoom(RunningPlatform platform) : IAsyncLifetime
{
    private CallRoom? _room;
    private JanusParticipant? _witness;
    private UdpRtcClient? _client;

    /// <summary>An offer as browsers make it.</summary>
    public string Offer { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _room = await CallRoom.OpenAsync(platform);
        _witness = await _room.EnterAsync("Witness");
        _client = await _room.Loop.AddAsync(System.Net.IPAddress.Loopback);
        Offer = await _room.Loop.RunAsync(_ => SentMedia.Offer(_client.Rtc, 1_000_000, "offender").Offer);
    }

    internal async Task<Offender> AdmitAsync()
    {
        var user = await platform.OpenGuestSessionAsync("Offender");
        var connection = await JanusConnection.ConnectAsync(platform.Gateway, user.Token);
        return new(connection, await connection.AttachAsync(), user, _room!.Id, Offer);
    }

    /// <summary>The witness alone is in the room, and was never told of anybody who publishes.</summary>
    public async Task IsEmptyAsync()
    {
        await Eventually.BecomesTrue(
            async () => (await _witness!.ListParticipantsAsync()).SequenceEqual([_witness.Identity.UserId]), CallRoom.Patience, "the offender is out of the room");
        Assert.Empty(_witness!.Subscriptions);
        Assert.False(_witness.Interrupted.IsCompleted);
    }

    public async ValueTask DisposeAsync()
    {
        if (_room is not null)
            await _room.DisposeAsync();
    }
}
