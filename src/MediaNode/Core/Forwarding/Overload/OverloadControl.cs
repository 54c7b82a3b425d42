namespace MediaNode.Core.Forwarding.Overload;

/// <summary>
/// How much of the video a worker should send, from how much of its time it works. Down fast, up after a while, and not at all for a single long pause of the
/// process: that makes the worker busy for a moment, but there is no need to shed anything for it.
/// Each step up is a trial: if the worker falls behind in its wake, the step is taken back at once, and what was too much is remembered. From there on the way up
/// halves the distance to it, then goes beyond in small steps and ever more rarely, since a worker that falls behind costs more than what it might gain. How busy
/// a worker is does not tell how much more it could do: under a limit of processor time it is half idle one moment, and stopped half of the time the next.
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

    /// <summary>The same where more was too much again and again.</summary>
    public const int MostCalm = 12;

    /// <summary>Never less than this of the video: a worker that cannot do even that should not have got its rooms.</summary>
    public const double LeastKept = 0.05;

    /// <summary>Windows after a step up in which falling behind is put down to it.</summary>
    private const int Trial = 4;

    /// <summary>A worker whose backlog shrinks by a tenth in a window sends little enough already: it works off what came before.</summary>
    private const double CatchingUp = 0.9;

    private const double Decrease = 0.8;

    /// <summary>Where it goes back to, as a share of the worker's time: work grows no faster than what is sent.</summary>
    private const double Target = 0.9;

    /// <summary>
    /// Most at once. A hundred people who join within a second make a worker as busy as too much video does, with handshakes that are over a moment later:
    /// then all has to be back soon.
    /// </summary>
    private const double LargestIncrease = 2;

    /// <summary>The first step beyond what was too much once; each that succeeds is followed by one twice as large.</summary>
    private const double FirstStep = 0.05;

    /// <summary>Nearer than this to what was too much there is nothing to be gained by halving.</summary>
    private const double Near = 0.95;

    private double _backlog;
    private int _behind;
    private int _calm;
    private int _trial;
    private int _patience = LeastCalm;
    private double _beforeTrial;
    private double _tooMuch = double.PositiveInfinity;
    private double _step = FirstStep;

    /// <summary>Share of the wanted video that is to be sent, up to 1.</summary>
    public double Kept { get; private set; } = 1;

    /// <summary>Takes the share of the last window for which the worker worked.</summary>
    /// <param name="busy">0 to 1.</param>
    /// <param name="backlog">How much waits to be handled at the window's end; only its change matters.</param>
    /// <returns>True when <see cref="Kept"/> changed.</returns>
    public bool Take(double busy, double backlog = 0)
    {
        var isCatchingUp = backlog < _backlog * CatchingUp;
        _backlog = backlog;
        _behind = busy >= Behind ? _behind + 1 : 0;
        _calm = busy < Calm ? _calm + 1 : 0;
        var before = Kept;
        if (_behind > 0 && _trial > 0)
            TakeBack();
        else if (_behind >= LeastBehind && !isCatchingUp)
            Kept = Math.Max(LeastKept, Kept * Decrease);
        else if (_calm >= _patience && Kept < 1)
            TryMore(busy);
        else if (_trial > 0 && --_trial == 0)
            HandleSuccess();
        return Kept != before;
    }

    private bool IsNearTooMuch => Kept >= _tooMuch * Near;

    private void TakeBack()
    {
        (_tooMuch, Kept) = (Kept, _beforeTrial);
        _patience = IsNearTooMuch ? Math.Min(2 * _patience, MostCalm) : LeastCalm;
        _step = FirstStep;
        // What piled up meanwhile has to be worked off first.
        (_trial, _behind) = (0, 0);
    }

    private void TryMore(double busy)
    {
        var more = Kept * Math.Min(LargestIncrease, Target / busy);
        if (IsNearTooMuch)
        {
            more = Math.Min(more, Kept * (1 + _step));
            _step = Math.Min(2 * _step, LargestIncrease - 1);
        }
        else if (_tooMuch <= 1)
        {
            more = Math.Min(more, (Kept + _tooMuch) / 2);
        }
        (_beforeTrial, Kept, _trial) = (Kept, Math.Min(1, more), Trial);
        // What more there is to do shows within the next windows.
        _calm = LeastCalm / 2;
    }

    private void HandleSuccess()
    {
        _patience = LeastCalm;
        if (Kept >= 1)
            (_tooMuch, _step) = (double.PositiveInfinity, FirstStep);
    }
}
