using System.Collections.Immutable;
using System.Net;
using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>What an engine is made with.</summary>
public sealed record MediaEngineOptions
{
    public required ITransmitter Transmitter { get; init; }

    public required DtlsCertificate Certificate { get; init; }

    public required DtlsContext Dtls { get; init; }

    public required IEntropy Entropy { get; init; }

    public required NtpClock Clock { get; init; }

    /// <summary>Where clients reach this engine over UDP, the most preferred first.</summary>
    public required ImmutableArray<IPEndPoint> Candidates { get; init; }

    /// <summary>Where clients reach it over TCP, for those whose network lets no UDP through.</summary>
    public ImmutableArray<IPEndPoint> TcpCandidates { get; init; } = [];

    /// <summary>Peers of all rooms; one more is refused.</summary>
    public int MaximumPeers { get; init; } = 5000;

    public int MaximumRooms { get; init; } = 5000;

    /// <summary>Subscribing peers of one participant: one per other publisher in the SDK's dialect, with some to spare for those closing.</summary>
    public int MaximumSubscribersPerParticipant { get; init; } = 600;

    /// <summary>Subscribing peers in one room of people who did not join it.</summary>
    public int MaximumWatchersPerRoom { get; init; } = 5000;

    /// <summary>Most that is sent to one subscribing peer, in bits per second; 0: as much as its path carries.</summary>
    public long SubscriberBitrate { get; init; }

    /// <summary>How long a room without anybody in it is kept.</summary>
    public TimeSpan EmptyRoomTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
