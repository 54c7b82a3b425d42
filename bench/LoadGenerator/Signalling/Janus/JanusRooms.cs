using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace LoadGenerator.Signalling.Janus;

/// <summary>Rooms of Janus itself, made by the plugin's "create" and destroyed at the end; there are no accounts.</summary>
internal sealed class JanusRooms : IRoomProvider
{
    /// <summary>More than any run has.</summary>
    private const int MaximumPublishers = 1000;

    private readonly JanusConnection _connection;
    private readonly ulong _handle;
    private readonly List<JsonNode> _rooms = [];

    private JanusRooms(JanusConnection connection, ulong handle)
    {
        _connection = connection;
        _handle = handle;
    }

    public static async Task<JanusRooms> ConnectAsync(Uri server)
    {
        var connection = await JanusConnection.ConnectAsync(server, "");
        return new(connection, await connection.AttachAsync());
    }

    public async Task<JsonValue> OpenRoomAsync()
    {
        var created = Reply.Data(await _connection.MessageAsync(_handle, new()
        {
            ["request"] = "create",
            ["publishers"] = MaximumPublishers,
            ["audiocodec"] = "opus",
            ["videocodec"] = "vp8",
            ["bitrate"] = 0,
        }));
        var room = created["room"]!.AsValue();
        _rooms.Add(room.DeepClone());
        return room;
    }

    public Task<Identity> OpenAccountAsync(int participant) => Task.FromResult(new Identity((ulong)participant + 1, $"load {participant}", ""));

    public async ValueTask DisposeAsync()
    {
        foreach (var room in _rooms)
            await _connection.MessageAsync(_handle, new() { ["request"] = "destroy", ["room"] = room });
        await _connection.DisposeAsync();
    }
}
