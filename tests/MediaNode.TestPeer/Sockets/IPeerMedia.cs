using MediaNode.Core.Time;

namespace MediaNode.TestPeer.Sockets;

/// <summary>What a PeerConnection is for. Driven by the loop, after every datagram and deadline.</summary>
public interface IPeerMedia
{
    /// <summary>When there is something to send.</summary>
    Instant NextTimeout { get; }

    void Advance(Instant now);
}
