using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Which encodings of one published track come now, which of them is the larger one, and what their layers cost. Shared by all subscribers.
/// </summary>
internal sealed class TrackLayers(PublishedTrack track)
{
    /// <summary>Options that a track can have at most.</summary>
    public const int MaximumOptions = PublishedTrack.MaximumEncodings * Layer.MaximumTemporal;

    /// <summary>
    /// An encoding has stopped when it is silent for so long, and for so many of its own frame intervals, while others send so many frames. A subscriber that watches it
    /// stands still for this time and that of a key frame; together half a second at most on usual paths.
    /// </summary>
    private static readonly TimeSpan LeastSilence = TimeSpan.FromMilliseconds(150);
    private const int LeastFramesOfOthers = 5;
    private const int LeastIntervals = 3;

    /// <summary>Bitrates contradict the negotiated order when each larger encoding has less than this part of the smaller one's, several times in a row.</summary>
    private const double Contradiction = 0.67;
    private const int ContradictionsToReorder = 3;
    private static readonly TimeSpan OrderInterval = TimeSpan.FromSeconds(1);

    private readonly byte[] _silentFor = new byte[PublishedTrack.MaximumEncodings];
    private readonly Cadence[] _cadences = new Cadence[PublishedTrack.MaximumEncodings];
    private Instant _nextOrderCheck;
    private int _contradictions;

    /// <summary>Rises when an encoding starts or stops, or changes its rank: whoever has chosen must choose again.</summary>
    public int Version { get; private set; }

    /// <summary>There is a choice between encodings.</summary>
    public bool IsSimulcast => track.Encodings.Count > 1;

    public void HandlePacket(Encoding encoding, in PacketLayer layer, scoped in RtpPacketView packet, Instant now)
    {
        var isNewFrame = _cadences[encoding.Index].HandlePacket(packet.Timestamp.Value, now);
        encoding.Meter!.Add(layer, packet.Packet.Length, isNewFrame, now);
        if (!encoding.IsLive)
        {
            encoding.IsLive = true;
            Version++;
        }
        if (!IsSimulcast)
            return;
        _silentFor[encoding.Index] = 0;
        if (isNewFrame)
            NoteFrame(encoding, now);
        if (layer.StartsKeyFrame && track.Codec == Codec.Vp8 && FrameSize.OfVp8KeyFrame(packet.Payload) is { } size && size != encoding.Size)
        {
            encoding.Size = size;
            OrderBySize();
        }
    }

    /// <summary>The largest encoding at or below the rank that comes now; the smallest one that comes if there is none below.</summary>
    public Encoding? Best(byte highestRank)
    {
        if (!IsSimulcast)
            return track.Encodings[0];
        Encoding? best = null;
        foreach (var encoding in track.Encodings)
        {
            if (encoding.IsLive && (best is null || IsBetter(encoding.Rank, best.Rank, highestRank)))
                best = encoding;
        }
        return best;
    }

    /// <summary>Lists in which ways the track can be sent now, the cheapest first.</summary>
    /// <param name="highest">What the subscriber wants at most.</param>
    /// <param name="options">Has room for <see cref="MaximumOptions"/>.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>How many there are; none while nothing comes.</returns>
    public int CopyOptions(Layer highest, Span<LayerOption> options, Instant now)
    {
        var count = 0;
        if (!IsSimulcast)
        {
            var encoding = track.Encodings[0];
            if (encoding.Meter is not { } meter || !encoding.IsReceiving(now))
                return 0;
            for (byte spatial = 0; spatial <= Math.Min(meter.HighestSpatial, highest.Spatial); spatial++)
                CopyTemporal(meter, spatial, spatial, highest.Temporal, options, ref count, now);
            return count;
        }
        for (byte rank = 0; rank < track.Encodings.Count; rank++)
        {
            if (ByRank(rank) is { IsLive: true, Meter: { } meter } encoding && encoding.IsReceiving(now) && (rank <= highest.Spatial || count == 0))
                CopyTemporal(meter, rank, byte.MaxValue, highest.Temporal, options, ref count, now);
        }
        return count;
    }

    /// <summary>Names of the encodings up to a rank; none when they have no names.</summary>
    public IReadOnlyList<Rid> RidsUpTo(byte rank) =>
        [.. track.Encodings.Where(encoding => encoding.Rank <= rank && encoding.Rid is not null).Select(encoding => encoding.Rid!.Value)];

    private static void CopyTemporal(
        LayerMeter meter, byte spatial, byte measuredSpatial, byte highestTemporal, Span<LayerOption> options, ref int count, Instant now)
    {
        // Frames are counted in the spatial layer itself; an encoding that is one of several has none but the lowest.
        var measuredFrames = measuredSpatial == spatial ? spatial : (byte)0;
        var highest = Math.Min(meter.HighestTemporal(measuredFrames), highestTemporal);
        for (byte temporal = 0; temporal <= highest; temporal++)
        {
            options[count++] = new(
                new(spatial, temporal), meter.BitrateUpTo(measuredSpatial, temporal, now), meter.FrameRateUpTo(measuredFrames, temporal, now));
        }
    }

    private static bool IsBetter(byte rank, byte than, byte highest) =>
        rank <= highest ? rank > than || than > highest : than > highest && rank < than;

    private Encoding? ByRank(byte rank)
    {
        foreach (var encoding in track.Encodings)
        {
            if (encoding.Rank == rank)
                return encoding;
        }
        return null;
    }

    /// <summary>A frame of one encoding is a turn in which the others, which encode the same pictures, should have sent one too.</summary>
    private void NoteFrame(Encoding sent, Instant now)
    {
        foreach (var other in track.Encodings)
        {
            ref var silentFor = ref _silentFor[other.Index];
            if (other == sent || !other.IsLive || silentFor++ < LeastFramesOfOthers)
                continue;
            silentFor--;
            var silence = now - other.LastPacketAt;
            if (silence < LeastSilence || silence < _cadences[other.Index].Interval * LeastIntervals)
                continue;
            other.IsLive = false;
            Version++;
        }
        if (now >= _nextOrderCheck)
        {
            _nextOrderCheck = now + OrderInterval;
            OrderByBitrate(now);
        }
    }

    /// <summary>Encodings whose size is known share out their ranks among themselves by size; the others keep theirs.</summary>
    private void OrderBySize()
    {
        // Each turn puts at least one encoding into its place.
        for (var turn = 0; turn < track.Encodings.Count; turn++)
        {
            foreach (var left in track.Encodings)
            {
                foreach (var right in track.Encodings)
                {
                    if (left.Size is { } smaller && right.Size is { } larger && smaller.Pixels < larger.Pixels && left.Rank > right.Rank)
                        Swap(left, right);
                }
            }
        }
    }

    /// <summary>For codecs whose key frames do not tell the size cheaply.</summary>
    private void OrderByBitrate(Instant now)
    {
        for (byte rank = 0; rank + 1 < track.Encodings.Count; rank++)
        {
            var (lower, upper) = (ByRank(rank), ByRank((byte)(rank + 1)));
            if (lower is not { IsLive: true, Size: null } || upper is not { IsLive: true, Size: null }
                || Rate(upper, now) >= Rate(lower, now) * Contradiction)
            {
                _contradictions = 0;
                return;
            }
        }
        if (++_contradictions < ContradictionsToReorder)
            return;
        _contradictions = 0;
        for (var i = 0; i < track.Encodings.Count / 2; i++)
            Swap(ByRank((byte)i)!, ByRank((byte)(track.Encodings.Count - 1 - i))!);
    }

    private static long Rate(Encoding encoding, Instant now) => encoding.Meter!.BitrateUpTo(byte.MaxValue, byte.MaxValue, now).BitsPerSecond;

    private void Swap(Encoding left, Encoding right)
    {
        (left.Rank, right.Rank) = (right.Rank, left.Rank);
        Version++;
    }

    /// <summary>How regularly frames of one encoding come.</summary>
    private struct Cadence
    {
        /// <summary>Weight of the newest interval in the average.</summary>
        private const int Weight = 8;

        private uint _timestamp;
        private Instant _at;

        public TimeSpan Interval { get; private set; }

        /// <returns>True for the first packet that comes of a frame newer than all before.</returns>
        public bool HandlePacket(uint timestamp, Instant now)
        {
            if (_at != default && (int)(timestamp - _timestamp) <= 0)
                return false;
            // The time before the first frame, and a pause, say nothing about the interval.
            if (_at != default && now - _at < OrderInterval)
                Interval += (now - _at - Interval) / Weight;
            _timestamp = timestamp;
            _at = now;
            return true;
        }
    }
}
