namespace MediaNode.Core.Forwarding.Overload;

/// <summary>How much of a room's video goes out, from everything down.</summary>
internal enum CutStep : byte
{
    /// <summary>Everything.</summary>
    None,

    /// <summary>The lowest frame rate of each track.</summary>
    LowestFrameRate,

    /// <summary>The smallest encoding at its lowest frame rate.</summary>
    SmallestPicture,

    /// <summary>That, and only of some tracks.</summary>
    FewerTracks,

    /// <summary>One track, and only to some: a picture with holes would be of use to nobody.</summary>
    FewerReceivers,
}

/// <param name="Step">How far it goes.</param>
/// <param name="Tracks">From <see cref="CutStep.FewerTracks"/> on: how many, recent speakers first.</param>
/// <param name="Receivers">With <see cref="CutStep.FewerReceivers"/>: to how many, those who came first.</param>
internal readonly record struct RoomCut(CutStep Step, int Tracks = int.MaxValue, int Receivers = int.MaxValue)
{
    public static readonly RoomCut None = new(CutStep.None);

    /// <summary>Going back takes so much less of the share, so that a room does not go to and fro.</summary>
    private const double Margin = 0.96;

    /// <summary>The least cut with which a room keeps within its share. One track always goes out, the most recent speaker's, to one receiver at least.</summary>
    /// <param name="tracks">Cost of each track to all who get it, recent speakers first.</param>
    /// <param name="share">What the room may cost.</param>
    /// <param name="current">The cut in force.</param>
    public static RoomCut Decide(ReadOnlySpan<TrackCost> tracks, double share, RoomCut current)
    {
        var decided = Decide(tracks, share);
        return decided.IsMilderThan(current) ? Decide(tracks, share * Margin).OrMilder(current) : decided;
    }

    private static RoomCut Decide(ReadOnlySpan<TrackCost> tracks, double share)
    {
        var sum = default(TrackCost);
        foreach (var track in tracks)
            sum += track;
        if (sum.Full <= share)
            return None;
        if (sum.LowestFrameRate <= share)
            return new(CutStep.LowestFrameRate);
        if (sum.SmallestPicture <= share)
            return new(CutStep.SmallestPicture);
        var kept = 0;
        var used = 0.0;
        while (kept < tracks.Length && used + tracks[kept].SmallestPicture <= share)
            used += tracks[kept++].SmallestPicture;
        // Tracks that nobody gets fit any share.
        return used > 0
            ? new(CutStep.FewerTracks, kept)
            : new(CutStep.FewerReceivers, kept + 1, Math.Max(1, (int)(share / tracks[kept].SmallestPicture * tracks[kept].Receivers)));
    }

    private bool IsMilderThan(RoomCut other) => (Step, -Tracks, -Receivers).CompareTo((other.Step, -other.Tracks, -other.Receivers)) < 0;

    private RoomCut OrMilder(RoomCut other) => other.IsMilderThan(this) ? other : this;
}

/// <summary>Packets a second that a track is to all who get it.</summary>
/// <param name="Full">As they want it.</param>
/// <param name="LowestFrameRate">In its lowest temporal layer.</param>
/// <param name="SmallestPicture">That of its smallest encoding.</param>
/// <param name="Receivers">How many get it.</param>
internal readonly record struct TrackCost(double Full, double LowestFrameRate, double SmallestPicture, int Receivers)
{
    public static TrackCost operator +(TrackCost left, TrackCost right) =>
        new(left.Full + right.Full, left.LowestFrameRate + right.LowestFrameRate, left.SmallestPicture + right.SmallestPicture, left.Receivers + right.Receivers);
}
