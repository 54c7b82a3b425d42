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

    /// <summary>
    /// What an encoding, or a spatial layer, is taken to cost that has not come yet: so many times the one below it, which has a quarter of its pixels. Of the smallest, what
    /// browsers give a picture of 320 by 180.
    /// </summary>
    private const double GuessedStep = 3;
    private static readonly Bitrate GuessedLowest = Bitrate.FromKilobits(150);

    /// <summary>Weight of the last second in what an encoding is remembered by.</summary>
    private const double MemoryWeight = 0.25;

    /// <summary>What each encoding took when it came; of a single one, each spatial layer with those below it.</summary>
    private readonly Bitrate[] _remembered = new Bitrate[PublishedTrack.MaximumEncodings];
    private readonly byte[] _silentFor = new byte[PublishedTrack.MaximumEncodings];
    private readonly Cadence[] _cadences = new Cadence[PublishedTrack.MaximumEncodings];
    private Instant _nextOrderCheck;
    private int _contradictions;
    private byte _highestSpatial;

    /// <summary>Rises when an encoding starts or stops, or changes its rank: whoever has chosen must choose again.</summary>
    public int Version { get; private set; }

    /// <summary>There is a choice between encodings.</summary>
    public bool IsSimulcast => track.Encodings.Count > 1;

    /// <summary>Of the encodings; of a single one, the highest spatial layer that ever came.</summary>
    public byte HighestRank => IsSimulcast ? (byte)(track.Encodings.Count - 1) : _highestSpatial;

    public void HandlePacket(Encoding encoding, in PacketLayer layer, scoped in RtpPacketView packet, Instant now)
    {
        var isNewFrame = _cadences[encoding.Index].HandlePacket(packet.Timestamp.Value, now);
        encoding.Meter!.Add(layer, encoding.IsOfAskedKeyFrame(packet.Timestamp.Value) ? 1 : packet.Packet.Length, isNewFrame, now);
        if (!encoding.IsLive)
        {
            encoding.IsLive = true;
            Version++;
        }
        if (layer.StartsKeyFrame && encoding.Sizes.TryChange(track.Codec, encoding.Dependencies?.Structure, packet.Payload))
        {
            Version++;
            OrderBySize();
        }
        var spatial = Math.Min(layer.Spatial, (byte)(Layer.MaximumSpatial - 1));
        if (spatial > _highestSpatial && !IsSimulcast)
        {
            _highestSpatial = spatial;
            Version++;
        }
        if (!IsSimulcast)
            return;
        _silentFor[encoding.Index] = 0;
        if (isNewFrame)
            NoteFrame(encoding, now);
    }

    /// <summary>The timestamps of an encoding begin anywhere.</summary>
    public void HandleSourceChanged(Encoding encoding) => _cadences[encoding.Index] = default;

    /// <summary>
    /// The largest encoding, or spatial layer, whose pictures fit; the smallest if none does. The highest rank while no size is known at all: the first key frame of any will tell. What has not
    /// shown its size yet is judged by the others, each twice as large as the one below it.
    /// </summary>
    public byte HighestWithin(MaximumSize most)
    {
        if (!most.IsLimited)
            return byte.MaxValue;
        for (var rank = HighestRank; rank > 0; rank--)
        {
            if (most.Holds(SizeOf(rank)))
                return rank == HighestRank ? byte.MaxValue : rank;
        }
        return 0;
    }

    private FrameSize SizeOf(byte rank)
    {
        for (var distance = 0; distance <= HighestRank; distance++)
        {
            if (rank >= distance && ToldSize(rank - distance) is { IsKnown: true } lower)
                return lower.Scaled(distance);
            if (rank + distance <= HighestRank && ToldSize(rank + distance) is { IsKnown: true } higher)
                return higher.Scaled(-distance);
        }
        return default;
    }

    private FrameSize ToldSize(int rank) => IsSimulcast ? ByRank((byte)rank)!.Sizes.Largest : track.Encodings[0].Sizes[rank];

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
    /// <param name="withExpected">Those too that the publisher would send if it were told that somebody watches.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>How many there are; none while nothing comes, and nothing is expected.</returns>
    public int CopyOptions(Layer highest, Span<LayerOption> options, bool withExpected, Instant now)
    {
        var count = 0;
        for (byte rank = 0; rank <= HighestRank && (rank <= highest.Spatial || count == 0); rank++)
        {
            if (MeterOf(rank, now) is { } meter)
                CopyMeasured(meter, rank, highest.Temporal, options, ref count, now);
            else if (withExpected && track.Wanted.Expects(rank, now))
                CopyExpected(rank, options, ref count);
        }
        return count;
    }

    /// <summary>
    /// What the largest encoding costs that a subscriber may want and the publisher does not send, although it was not told to stop: its own path or processor is short of
    /// something. It may come back at any moment. Zero when there is none.
    /// </summary>
    public Bitrate MissingBitrate(Layer highest, Instant now)
    {
        for (int rank = Math.Min(HighestRank, highest.Spatial); rank > 0; rank--)
        {
            if (MeterOf((byte)rank, now) is not null)
                break;
            if (!track.Wanted.Expects(rank, now))
                return Expected((byte)rank);
        }
        return default;
    }

    /// <summary>An encoding comes no more, for a reason that its packets do not show.</summary>
    public void HandleStopped(Encoding encoding)
    {
        Version += encoding.IsLive ? 1 : 0;
        encoding.IsLive = false;
    }

    /// <summary>Every second: what comes is remembered for the time when it does not.</summary>
    public void HandleTick(Instant now)
    {
        for (byte rank = 0; rank <= HighestRank; rank++)
        {
            // Of what may just have stopped, the last second says too little.
            if (MeterOf(rank, now) is not { } meter || !meter.IsSettled(now) || meter.IsSilent(now))
                continue;
            ref var remembered = ref _remembered[MemoryOf(rank)];
            var bitrate = meter.BitrateUpTo(IsSimulcast ? byte.MaxValue : rank, byte.MaxValue, now);
            remembered = remembered == default ? bitrate : remembered * (1 - MemoryWeight) + bitrate * MemoryWeight;
        }
    }

    /// <summary>Names of the encodings up to a rank; none when they have no names.</summary>
    public IReadOnlyList<Rid> RidsUpTo(byte rank) =>
        [.. track.Encodings.Where(encoding => encoding.Rank <= rank && encoding.Rid is not null).Select(encoding => encoding.Rid!.Value)];

    /// <summary>Of the encoding, or the spatial layer, if it comes.</summary>
    private LayerMeter? MeterOf(byte rank, Instant now)
    {
        var encoding = IsSimulcast ? ByRank(rank) : track.Encodings[0];
        var comes = encoding is { IsLive: true, Meter: { } meter } && encoding.IsReceiving(now) && (IsSimulcast || rank <= meter.HighestSpatial);
        return comes ? encoding!.Meter : null;
    }

    private int MemoryOf(byte rank) => IsSimulcast ? ByRank(rank)!.Index : rank;

    private Bitrate Expected(byte rank)
    {
        var expected = GuessedLowest;
        for (byte lower = 0; lower <= rank; lower++)
        {
            var remembered = _remembered[MemoryOf(lower)];
            expected = remembered > default(Bitrate) ? remembered : lower == 0 ? GuessedLowest : expected * GuessedStep;
        }
        return expected;
    }

    private void CopyMeasured(LayerMeter meter, byte rank, byte highestTemporal, Span<LayerOption> options, ref int count, Instant now)
    {
        var first = count;
        CopyTemporal(meter, rank, IsSimulcast ? byte.MaxValue : rank, highestTemporal, options, ref count, now);
        var isKnown = rank > 0 || _remembered[MemoryOf(rank)] > default(Bitrate);
        if (!isKnown || (meter.IsSettled(now) && !track.Wanted.Expects(rank, now)))
            return;
        // What has just begun looks cheaper than it is, and so does what is just being stopped.
        var (expected, measured) = (Expected(rank), options[count - 1].Bitrate);
        for (var i = first; i < count && measured < expected; i++)
        {
            var share = measured > default(Bitrate) ? (double)options[i].Bitrate.BitsPerSecond / measured.BitsPerSecond : 1;
            options[i] = options[i] with { Bitrate = expected * share };
        }
    }

    private void CopyExpected(byte rank, Span<LayerOption> options, ref int count)
    {
        var below = count == 0 ? default : options[count - 1].Bitrate;
        options[count++] = new(new(rank, byte.MaxValue), Bitrate.Max(Expected(rank), below), double.PositiveInfinity, IsExpected: true);
    }

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

    public Encoding? ByRank(byte rank)
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
            HandleStopped(other);
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
                    if (left.Size is { IsKnown: true } smaller && right.Size is { IsKnown: true } larger && smaller.Pixels < larger.Pixels && left.Rank > right.Rank)
                        Swap(left, right);
                }
            }
        }
    }

    /// <summary>While no key frame has told the sizes.</summary>
    private void OrderByBitrate(Instant now)
    {
        for (byte rank = 0; rank + 1 < track.Encodings.Count; rank++)
        {
            var (lower, upper) = (ByRank(rank), ByRank((byte)(rank + 1)));
            if (lower is not { IsLive: true, Size.IsKnown: false } || upper is not { IsLive: true, Size.IsKnown: false }
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
