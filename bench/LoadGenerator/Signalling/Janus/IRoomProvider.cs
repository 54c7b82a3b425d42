using System.Text.Json.Nodes;
using MediaNode.TestPeer.Janus;

namespace LoadGenerator.Signalling.Janus;

/// <summary>Where rooms and accounts come from, which the protocol leaves open.</summary>
internal interface IRoomProvider : IAsyncDisposable
{
    /// <returns>The room as messages name it.</returns>
    Task<JsonValue> OpenRoomAsync();

    Task<Identity> OpenAccountAsync(int participant);
}
