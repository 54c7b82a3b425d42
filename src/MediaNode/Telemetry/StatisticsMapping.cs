using MediaNode.Control;
using MediaNode.Control.V1;
using MediaNode.Core.Forwarding;
using Source = MediaNode.Core.Forwarding.Statistics;

namespace MediaNode.Telemetry;

/// <summary>Core's statistics as messages of the control protocol.</summary>
internal static class StatisticsMapping
{
    public static PeerStatistics ToProto(Source.PeerStatistics source)
    {
        var peer = new PeerStatistics
        {
            RoomId = source.RoomId,
            Epoch = source.Epoch,
            PeerId = source.PeerId,
            ParticipantId = source.ParticipantId,
            Publisher = source.IsPublisher,
            Connected = source.IsConnected,
            Talking = source.IsTalking,
        };
        if (source.RoundTrip is { } roundTrip)
            peer.RoundTripMs = roundTrip.TotalMilliseconds;
        if (source.Estimate is { } estimate)
            peer.EstimateBps = estimate.BitsPerSecond;
        if (source.MicrophoneLevel is { } level)
            peer.MicrophoneLevel = level;
        peer.Streams.AddRange(source.Streams.Select(ToProto));
        peer.Subscriptions.AddRange(source.Subscriptions.Select(ToProto));
        return peer;
    }

    private static StreamStatistics ToProto(Source.StreamStatistics source)
    {
        var stream = new StreamStatistics
        {
            Kind = ProtoMapping.ToProto(source.Kind),
            Mid = source.Mid.Value,
            Codec = source.Codec,
            Substream = (uint)source.Encoding,
            Receiving = source.IsReceiving,
            Packets = (ulong)source.Packets,
            Bytes = (ulong)source.Bytes,
            BitsPerSecond = source.Bitrate.BitsPerSecond,
            PacketsPerSecond = source.PacketsPerSecond,
            Lost = source.Lost,
            Loss = source.Loss,
            JitterMs = source.Jitter.TotalMilliseconds,
            Nacked = (ulong)source.Nacked,
            Retransmitted = (ulong)source.Retransmitted,
            KeyFrameRequests = (ulong)source.KeyFrameRequests,
            KeyFrames = (ulong)source.KeyFrames,
            Frames = (ulong)source.Frames,
            Freezes = (uint)source.Freezes,
            FrozenMs = source.Frozen.TotalMilliseconds,
            Pauses = (uint)source.Pauses,
        };
        if (source.Ssrc is { } ssrc)
            stream.Ssrc = ssrc;
        return stream;
    }

    private static SubscriptionStatistics ToProto(Source.SubscriptionStatistics source)
    {
        var subscription = new SubscriptionStatistics
        {
            Kind = ProtoMapping.ToProto(source.Kind),
            Mid = source.Mid.Value,
            PublisherId = source.PublisherId,
            PublisherMid = source.PublisherMid.Value,
            Paused = source.IsPaused,
            HeldForSpeakers = source.Held.HasFlag(HoldReasons.NotAmongSpeakers),
            HeldForOverload = source.Held.HasFlag(HoldReasons.Overload),
            Packets = (ulong)source.Packets,
            Bytes = (ulong)source.Bytes,
            BitsPerSecond = source.Bitrate.BitsPerSecond,
            PacketsPerSecond = source.PacketsPerSecond,
            Loss = source.Loss,
            JitterMs = source.Jitter.TotalMilliseconds,
            Nacked = (ulong)source.Nacked,
            Resent = (ulong)source.Resent,
            KeyFrameRequests = (ulong)source.KeyFrameRequests,
            Frames = (ulong)source.Frames,
            Freezes = (uint)source.Freezes,
            FrozenMs = source.Frozen.TotalMilliseconds,
            Pauses = (uint)source.Pauses,
        };
        if (source.SpatialLayer is { } spatial)
            subscription.Substream = (uint)spatial;
        if (source.TemporalLayer is { } temporal)
            subscription.TemporalLayer = (uint)temporal;
        if (source.Lost is { } lost)
            subscription.Lost = lost;
        if (source.RoundTrip is { } roundTrip)
            subscription.RoundTripMs = roundTrip.TotalMilliseconds;
        return subscription;
    }
}
