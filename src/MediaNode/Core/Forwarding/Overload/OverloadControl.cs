namespace MediaNode.Core.Forwarding.Overload;

/// <summary>
/// How much of the video a worker should send, from how much of its time it works. Down fast, up after a while, and not at all for a single long pause of the
/// process: that makes the worker busy for a moment, but there is no need to shed anything for it.
/// </summary>
internal sealed class OverloadControl
{
    /// <summary>The time over which business is judged.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMilliseconds(500);

    /// <summary>Working for this share of a window is being behind: there is no time left to wait for packets.</summary>
    public const double Behind = 0.95;

    /// <summary>Below this share there is room for more.</summary>
    public const double Calm = 0.88;

    /// <summary>Windows in a row from which it is overload.</summary>
    public const int LeastBehind = 2;

    /// <summary>Windows in a row from which more is tried.</summary>
    public const int LeastCalm = 4;

    /// <summary>Never less than this of the video: a worker that cannot do even that should not have got its rooms.</summary>
    public const double LeastKept = 0.05;

    private const double Decrease = 0.8;

    /// <summary>Where it goes back to, as a share of the worker's time: work grows no faster than what is sent.</summary>
    private const double Target = 0.9;

    /// <summary>
    /// Most at once. A hundred people who join within a second make a worker as busy as too much video does, with handshakes that are over a moment later:
    /// then all has to be back soon.
    /// </summary>
    private const double LargestIncrease = 2;

    private int _behind;
    private int _calm;

    /// <summary>Share of the wanted video that is to be sent, up to 1.</summary>
    public double Kept { get; private set; } = 1;

    /// <summary>Takes the share of the last window for which the worker worked.</summary>
    /// <returns>True when <see cref="Kept"/> changed.</returns>
    public bool Take(double busy)
    {
        _behind = busy >= Behind ? _behind + 1 : 0;
        _calm = busy < Calm ? _calm + 1 : 0;
        var before = Kept;
        if (_behind >= LeastBehind)
        {
            Kept = Math.Max(LeastKept, Kept * Decrease);
        }
        else if (_calm >= LeastCalm && Kept < 1)
        {
            Kept = Math.Min(1, Kept * Math.Min(LargestIncrease, Target / busy));
            // What more there is to do shows within the next windows.
            _calm = LeastCalm / 2;
        }
        return Kept != before;
    }
}
