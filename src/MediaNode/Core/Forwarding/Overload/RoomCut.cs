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
}

/// <param name="Step">How far it goes.</param>
/// <param name="Tracks">With <see cref="CutStep.FewerTracks"/>: how many, recent speakers first.</param>
internal readonly record struct RoomCut(CutStep Step, int Tracks)
{
    public static readonly RoomCut None = new(CutStep.None, int.MaxValue);

    /// <summary>Going back takes so much less of the share, so that a room does not go to and fro.</summary>
    private const double Margin = 0.96;

    /// <summary>The least cut with which a room keeps within its share. One track always goes out, the most recent speaker's.</summary>
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
            return new(CutStep.LowestFrameRate, int.MaxValue);
        if (sum.SmallestPicture <= share)
            return new(CutStep.SmallestPicture, int.MaxValue);
        var kept = 0;
        var used = 0.0;
        while (kept < tracks.Length && (kept == 0 || used + tracks[kept].SmallestPicture <= share))
            used += tracks[kept++].SmallestPicture;
        return new(CutStep.FewerTracks, kept);
    }

    private bool IsMilderThan(RoomCut other) => Step < other.Step || (Step == other.Step && Tracks > other.Tracks);

    private RoomCut OrMilder(RoomCut other) => other.IsMilderThan(this) ? other : this;
}

/// <summary>Packets a second that a track is to all who get it.</summary>
/// <param name="Full">As they want it.</param>
/// <param name="LowestFrameRate">In its lowest temporal layer.</param>
/// <param name="SmallestPicture">That of its smallest encoding.</param>
internal readonly record struct TrackCost(double Full, double LowestFrameRate, double SmallestPicture)
{
    public static TrackCost operator +(TrackCost left, TrackCost right) =>
        new(left.Full + right.Full, left.LowestFrameRate + right.LowestFrameRate, left.SmallestPicture + right.SmallestPicture);
}
