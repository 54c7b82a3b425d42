using System.Net.Sockets;
using MediaNode.Core.Net;
using MediaNode.Core.Time;

namespace MediaNode.Transport;

/// <summary>One TCP connection of a client: what came in and is not read yet, and what it has not taken yet.</summary>
internal sealed class StreamConnection(ulong id, Socket socket, TransportAddress address, Instant expiresAt)
{
    /// <summary>Names it to epoll; never used again, unlike a descriptor.</summary>
    public ulong Id => id;

    public Socket Socket => socket;

    public TransportAddress Address => address;

    public StreamFrameReader Reader { get; } = new();

    public StreamBacklog Backlog { get; } = new();

    /// <summary>A datagram has been sent to it: the engine answers nobody who does not know a password, so it has passed a check.</summary>
    public bool IsProven { get; private set; }

    /// <summary>When it is closed unless something is sent to it before.</summary>
    public Instant ExpiresAt { get; private set; } = expiresAt;

    public bool IsClosed { get; set; }

    public void Prove(Instant expiresAt)
    {
        IsProven = true;
        ExpiresAt = expiresAt;
    }
}
