using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace LoadGenerator.Signalling.Janus;

/// <summary>WebSockets with the VideoRoom protocol of Janus 1.x, one for each participant.</summary>
internal sealed class JanusSignalling(Uri server, IRoomProvider provider) : ISignalling
{
    /// <summary>Accounts that are opened at the same time.</summary>
    private const int AccountsAtOnce = 8;

    private JsonValue[] _rooms = [];
    private Identity[] _accounts = [];

    public async Task PrepareAsync(int rooms, int participants)
    {
        _rooms = new JsonValue[rooms];
        for (var room = 0; room < rooms; room++)
            _rooms[room] = await provider.OpenRoomAsync();
        _accounts = new Identity[participants];
        await Parallel.ForAsync(
            0, participants, new ParallelOptions { MaxDegreeOfParallelism = AccountsAtOnce },
            async (participant, _) => _accounts[participant] = await provider.OpenAccountAsync(participant));
    }

    public async Task<IMember> EnterAsync(int room, int participant)
    {
        var member = await JanusMember.ConnectAsync(server, _accounts[participant], _rooms[room]);
        await member.JoinAsync();
        return member;
    }

    public async Task<IMember> WatchAsync(int room, int participant, ulong publisher)
    {
        var member = await JanusMember.ConnectAsync(server, _accounts[participant], _rooms[room]);
        member.Watch(publisher);
        return member;
    }

    public ValueTask DisposeAsync() => provider.DisposeAsync();
}
