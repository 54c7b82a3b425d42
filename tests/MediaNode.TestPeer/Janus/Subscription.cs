using MediaNode.TestPeer.Sockets;

namespace MediaNode.TestPeer.Janus;

/// <summary>One publisher, received on a handle and a PeerConnection of their own.</summary>
public sealed class Subscription(PeerLoop loop, UdpRtcClient client, ReceivedMedia media, ulong handle)
{
    public ulong Handle { get; } = handle;

    public Task<ReceivedCounts> CountsAsync() => loop.RunAsync(_ => media.Counts);

    public Task CloseAsync() => loop.RemoveAsync(client);
}
