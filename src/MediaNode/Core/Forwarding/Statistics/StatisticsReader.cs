using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Statistics;

/// <summary>Copies what is known of one peer. Allocates, and so is only done when somebody asks.</summary>
internal static class StatisticsReader
{
    public static PeerStatistics Read(Peer peer, Instant now)
    {
        var common = new PeerStatistics
        {
            RoomId = peer.Room.Id,
            Epoch = peer.Room.Epoch,
            PeerId = peer.Id,
            ParticipantId = peer.ParticipantId,
            IsPublisher = peer is PublisherPeer,
            IsConnected = peer.IsConnected,
            RoundTrip = peer.Ice.RoundTrip,
        };
        return peer switch
        {
            PublisherPeer publisher => Read(common, publisher, now),
            SubscriberPeer subscriber => Read(common, subscriber),
            _ => common,
        };
    }

    private static PeerStatistics Read(PeerStatistics common, PublisherPeer publisher, Instant now)
    {
        var streams = new List<StreamStatistics>();
        foreach (var track in publisher.Tracks)
        {
            foreach (var encoding in track.Encodings)
                streams.Add(Read(track, encoding, now));
        }
        return common with { MicrophoneLevel = publisher.MicrophoneLevel, IsTalking = publisher.IsTalking, Streams = streams };
    }

    private static StreamStatistics Read(PublishedTrack track, Encoding encoding, Instant now)
    {
        ref readonly var tally = ref encoding.Tally;
        var statistics = encoding.Statistics;
        return new()
        {
            Kind = track.Kind,
            Mid = track.Mid,
            Codec = track.Codec.Name(),
            Encoding = encoding.Rank,
            Ssrc = encoding.Ssrc?.Value,
            IsReceiving = encoding.IsReceiving(now),
            Packets = statistics.PacketsReceived,
            Bytes = statistics.BytesReceived,
            Bitrate = tally.Rate.Bitrate,
            PacketsPerSecond = tally.Rate.PacketsPerSecond,
            Lost = statistics.PacketsLost,
            Loss = tally.Loss,
            Jitter = Duration(statistics.Jitter, track.ClockRate),
            Nacked = tally.Nacked,
            Retransmitted = tally.Retransmitted,
            KeyFrameRequests = tally.KeyFrameRequests,
            KeyFrames = tally.KeyFrames,
            Frames = tally.Gaps.Frames,
            Freezes = tally.Gaps.Freezes,
            Frozen = tally.Gaps.Frozen,
            Pauses = tally.Gaps.Pauses,
        };
    }

    private static PeerStatistics Read(PeerStatistics common, SubscriberPeer subscriber)
    {
        var subscriptions = subscriber.DownTracks.ConvertAll(Read);
        var estimator = subscriber.Downlink.Estimator;
        return common with
        {
            RoundTrip = subscriptions.Find(subscription => subscription.RoundTrip is not null)?.RoundTrip ?? common.RoundTrip,
            Estimate = estimator.Source == Congestion.EstimateSource.None ? null : estimator.Estimate,
            Subscriptions = subscriptions,
        };
    }

    private static SubscriptionStatistics Read(DownTrack track)
    {
        ref readonly var tally = ref track.Tally;
        var layer = track.CurrentLayer;
        return new()
        {
            Kind = track.Source.Kind,
            Mid = track.Parameters.Mid,
            PublisherId = track.Source.Publisher.ParticipantId,
            PublisherMid = track.Source.Mid,
            IsPaused = track.IsPaused || (track.Source.Kind == MediaKind.Video && track.Allowance is null),
            Held = track.Holds,
            SpatialLayer = layer?.Spatial,
            TemporalLayer = layer?.Temporal,
            Packets = track.PacketsSent,
            Bytes = track.BytesSent,
            Bitrate = tally.Rate.Bitrate,
            PacketsPerSecond = tally.Rate.PacketsPerSecond,
            Lost = tally.Lost,
            Loss = tally.Loss,
            Jitter = Duration(tally.Jitter, track.Source.ClockRate),
            RoundTrip = tally.RoundTrip,
            Nacked = tally.Nacked,
            Resent = track.PacketsResent,
            KeyFrameRequests = tally.KeyFrameRequests,
            Frames = tally.Gaps.Frames,
            Freezes = tally.Gaps.Freezes,
            Frozen = tally.Gaps.Frozen,
            Pauses = tally.Pauses,
        };
    }

    private static TimeSpan Duration(double ticks, int clockRate) => TimeSpan.FromSeconds(ticks / clockRate);
}
