using MediaNode.Core.Congestion;
using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Gives the videos of one subscriber their layers by what its path carries. It only ever changes what this subscriber gets; what publishers send, and
/// others get, stays.
/// </summary>
internal sealed class VideoSharing(SubscriberPeer subscriber, SharingScratch scratch)
{
    /// <summary>Slower than this motion is a row of pictures.</summary>
    private const double LeastFramesPerSecond = 12;

    private AllocationPatience _patience;
    private bool _holdsOff;

    /// <summary>What everything would cost that the subscriber wants, video only.</summary>
    public Bitrate Wanted { get; private set; }

    /// <summary>What the videos cost that it gets, as far as they come.</summary>
    public Bitrate Given { get; private set; }

    /// <summary>The same with the smallest step up.</summary>
    public Bitrate GivenAndNextStep { get; private set; }

    /// <summary>The subscriber gets less than it wants.</summary>
    public bool HoldsBack { get; private set; }

    /// <param name="video">What there is for video.</param>
    /// <param name="isProven">The path has been seen to be full. Before, nothing is taken away: that it carries little is only a guess.</param>
    /// <param name="now">The current moment.</param>
    public void Share(Bitrate video, bool isProven, Instant now)
    {
        var count = Collect(now);
        if (count == 0)
            HoldsBack = _holdsOff;
        if (count == 0)
            return;
        var demands = scratch.Demands.AsSpan(0, count);
        var before = scratch.Before.AsSpan(0, count);
        BandwidthAllocator.Share(video, demands, scratch.Bitrates, before);
        var (less, more) = (false, false);
        for (var i = 0; i < count; i++)
        {
            if (!isProven)
                demands[i].Chosen = Math.Max(demands[i].Chosen, before[i]);
            less |= demands[i].Chosen < before[i];
            more |= demands[i].Chosen > before[i];
        }
        var isTaken = less ? _patience.MayTakeAway(video, Given, now) : more && _patience.MayGive(isProven, now);
        if (!less)
            _patience.HandleEnough();
        for (var i = 0; !isTaken && i < count; i++)
            demands[i].Chosen = before[i];
        Apply(demands, isProven ? video : Bitrate.Unlimited, now);
    }

    /// <summary>Looks what there is to send, and changes nothing.</summary>
    public void Measure(Instant now) => scratch.Tracks.AsSpan(0, Collect(now)).Clear();

    /// <summary>Everything that is wanted.</summary>
    public void GiveAll(Instant now)
    {
        Measure(now);
        foreach (var track in subscriber.DownTracks)
            track.Allow(Layer.All, now);
        HoldsBack = false;
    }

    private void Apply(ReadOnlySpan<VideoDemand> demands, Bitrate video, Instant now)
    {
        double given = 0, comes = 0, step = double.PositiveInfinity;
        HoldsBack = _holdsOff;
        foreach (ref readonly var demand in demands)
        {
            var cost = CostOf(demand, demand.Chosen);
            (given, comes) = (given + cost, comes + CostOf(demand, ComingOf(demand)));
            if (IsAll(demand))
                continue;
            HoldsBack = true;
            step = Math.Min(step, CostOf(demand, demand.Chosen + 1) - cost);
        }
        Given = Bitrate.FromDouble(comes);
        GivenAndNextStep = HoldsBack && step < double.PositiveInfinity ? Bitrate.FromDouble(given + step) : Given;
        var left = video.BitsPerSecond - given;
        for (var i = 0; i < demands.Length; i++)
        {
            var track = scratch.Tracks[i];
            track.Allow(AllowanceOf(demands[i], track, ref left, now), now);
            scratch.Tracks[i] = null!;
        }
    }

    /// <summary>
    /// The layer chosen. The best one of those that there are stands for better ones too, but only if what is left would carry them: an encoding that its publisher has
    /// stopped by itself begins again by itself, and must not fill a path that has no room for it.
    /// </summary>
    private Layer? AllowanceOf(in VideoDemand demand, DownTrack track, ref double left, Instant now)
    {
        if (demand.Chosen < 0)
            return null;
        var chosen = scratch.Options[demand.FirstOption + demand.Chosen].Layer;
        if (!IsAll(demand))
            return chosen;
        var missing = track.Source.Layers.MissingBitrate(track.Wish, now);
        if (missing == default)
            return Layer.All;
        var extra = missing.BitsPerSecond * (track.Allowance == Layer.All ? 1 : BandwidthAllocator.Headroom) - CostOf(demand, demand.Chosen);
        if (extra > left)
            return chosen with { Temporal = byte.MaxValue };
        left -= Math.Max(extra, 0);
        return Layer.All;
    }

    private static bool IsAll(in VideoDemand demand) => demand.Chosen == demand.Options - 1;

    private double CostOf(in VideoDemand demand, int option) => option < 0 ? 0 : scratch.Bitrates[demand.FirstOption + option].BitsPerSecond;

    /// <summary>The best option up to the chosen one that is not only expected.</summary>
    private int ComingOf(in VideoDemand demand)
    {
        var option = demand.Chosen;
        while (option >= 0 && scratch.Options[demand.FirstOption + option].IsExpected)
            option--;
        return option;
    }

    /// <summary>Lists what there is to share out, and what of it is given now.</summary>
    private int Collect(Instant now)
    {
        var (count, used) = (0, 0);
        double wanted = 0, given = 0;
        _holdsOff = false;
        foreach (var track in subscriber.DownTracks)
        {
            if (track.Source.Kind != MediaKind.Video || !track.IsAccepted || track.IsPaused || track.Holds != HoldReasons.None || count == scratch.Tracks.Length)
                continue;
            var options = KeepSmooth(scratch.Options.AsSpan(used, track.CopyOptions(scratch.Options.AsSpan(used), withExpected: true, now)));
            if (options == 0)
                continue;
            for (var i = 0; i < options; i++)
                scratch.Bitrates[used + i] = scratch.Options[used + i].Bitrate;
            var chosen = IndexOf(track.Allowance, scratch.Options.AsSpan(used, options));
            wanted += scratch.Bitrates[used + options - 1].BitsPerSecond;
            if (track.IsHeldOff(now))
            {
                // It waits for a path that is wide enough, which is worth looking for.
                _holdsOff = true;
                continue;
            }
            ref var demand = ref scratch.Demands[count];
            demand = new() { Priority = PriorityOf(track.Source), FirstOption = used, Options = options, Chosen = chosen };
            given += CostOf(demand, ComingOf(demand));
            scratch.Tracks[count++] = track;
            used += options;
        }
        (Wanted, Given) = (Bitrate.FromDouble(wanted), Bitrate.FromDouble(given));
        return count;
    }

    /// <summary>A larger picture is worth having when it moves, not as a slide show: leaves out what is larger but slow and could be had faster.</summary>
    private static int KeepSmooth(Span<LayerOption> options)
    {
        var kept = 0;
        for (var i = 0; i < options.Length; i++)
        {
            var isSlow = options[i].FramesPerSecond < LeastFramesPerSecond && i + 1 < options.Length && options[i + 1].Layer.Spatial == options[i].Layer.Spatial;
            if (!isSlow || options[i].Layer.Spatial == options[0].Layer.Spatial)
                options[kept++] = options[i];
        }
        return kept;
    }

    /// <summary>The best option within an allowance; -1 for none.</summary>
    private static int IndexOf(Layer? allowance, ReadOnlySpan<LayerOption> options)
    {
        if (allowance is not { } allowed)
            return -1;
        for (var i = options.Length - 1; i > 0; i--)
        {
            if (Layer.Min(options[i].Layer, allowed) == options[i].Layer)
                return i;
        }
        return 0;
    }

    private static VideoPriority PriorityOf(PublishedTrack track) =>
        track.IsBesideCamera ? VideoPriority.Screen : track.Publisher.IsTalking ? VideoPriority.Speaker : VideoPriority.Other;
}
