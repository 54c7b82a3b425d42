using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Statistics;

/// <summary>One PeerConnection at one moment. Totals count from its beginning; rates and losses are of the last second.</summary>
public sealed record PeerStatistics
{
    public required string RoomId { get; init; }

    public required ulong Epoch { get; init; }

    public required ulong PeerId { get; init; }

    /// <summary>0 for a watcher.</summary>
    public required ulong ParticipantId { get; init; }

    public required bool IsPublisher { get; init; }

    public required bool IsConnected { get; init; }

    /// <summary>To the client and back, from a subscriber's reports, or else from its answers to checks; null while unknown.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>What the path to a subscriber carries; null while unknown.</summary>
    public Bitrate? Estimate { get; init; }

    /// <summary>Sound of a publisher's microphone, 0 silence to 1 full scale; null without the header extension.</summary>
    public double? MicrophoneLevel { get; init; }

    public bool IsTalking { get; init; }

    /// <summary>What a publisher sends.</summary>
    public IReadOnlyList<StreamStatistics> Streams { get; init; } = [];

    /// <summary>What a subscriber gets.</summary>
    public IReadOnlyList<SubscriptionStatistics> Subscriptions { get; init; } = [];
}

/// <summary>One encoding of a publisher's track.</summary>
public sealed record StreamStatistics
{
    public required MediaKind Kind { get; init; }

    public required Mid Mid { get; init; }

    public required string Codec { get; init; }

    /// <summary>Simulcast layer by size, 0 the smallest.</summary>
    public required int Encoding { get; init; }

    public uint? Ssrc { get; init; }

    public required bool IsReceiving { get; init; }

    public required long Packets { get; init; }

    public required long Bytes { get; init; }

    public required Bitrate Bitrate { get; init; }

    public required double PacketsPerSecond { get; init; }

    /// <summary>Packets that never came.</summary>
    public required long Lost { get; init; }

    /// <summary>0 to 1.</summary>
    public required double Loss { get; init; }

    public required TimeSpan Jitter { get; init; }

    /// <summary>Packets asked for again.</summary>
    public required long Nacked { get; init; }

    /// <summary>Packets that came again on the retransmission stream.</summary>
    public required long Retransmitted { get; init; }

    public required long KeyFrameRequests { get; init; }

    public required long KeyFrames { get; init; }

    public required long Frames { get; init; }

    public required int Freezes { get; init; }

    public required TimeSpan Frozen { get; init; }

    public required int Pauses { get; init; }
}

/// <summary>One track on its way to one subscriber.</summary>
public sealed record SubscriptionStatistics
{
    public required MediaKind Kind { get; init; }

    /// <summary>Of the subscriber's m-line.</summary>
    public required Mid Mid { get; init; }

    public required ulong PublisherId { get; init; }

    public required Mid PublisherMid { get; init; }

    public required bool IsPaused { get; init; }

    /// <summary>Why the node itself holds it back.</summary>
    public required HoldReasons Held { get; init; }

    /// <summary>Simulcast or spatial layer that goes out; null while nothing does, and for audio.</summary>
    public int? SpatialLayer { get; init; }

    public int? TemporalLayer { get; init; }

    public required long Packets { get; init; }

    public required long Bytes { get; init; }

    public required Bitrate Bitrate { get; init; }

    public required double PacketsPerSecond { get; init; }

    /// <summary>Packets missed, as the subscriber reports; null before its first report.</summary>
    public int? Lost { get; init; }

    /// <summary>0 to 1, between its last two reports.</summary>
    public required double Loss { get; init; }

    public required TimeSpan Jitter { get; init; }

    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Packets that the subscriber asked for again.</summary>
    public required long Nacked { get; init; }

    /// <summary>Packets that it got again.</summary>
    public required long Resent { get; init; }

    public required long KeyFrameRequests { get; init; }

    public required long Frames { get; init; }

    public required int Freezes { get; init; }

    public required TimeSpan Frozen { get; init; }

    public required int Pauses { get; init; }
}
