using MediaNode.Core.Net;
using MediaNode.Core.Time;

namespace MediaNode.Core.Ice;

/// <summary>
/// Another address wants to take the place of the selected one. Checks of ours go to it until an answer proves that the client is there; and, where the client has not chosen
/// it but only checks from it, to the selected one too, which keeps its place if it is heard of.
/// </summary>
internal struct PathContest
{
    /// <summary>Doubles with each: at 0, 100, 300, 700 and 1500 ms. With a fifth of all packets lost each way, one contest in 160 has to wait for the client's next check.</summary>
    private const int MaximumTries = 5;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the selected address may stay silent before it counts as left: three tries are out by then.</summary>
    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(600);

    /// <summary>The same in round trips, on long paths.</summary>
    private const int PatienceRoundTrips = 3;

    /// <summary>What comes within this of the beginning may have been on its way when the client moved.</summary>
    private static readonly TimeSpan InFlight = TimeSpan.FromMilliseconds(200);

    private Instant _began;
    private Instant _nextTry;
    private Instant _decidesAt;
    private int _tries;

    /// <summary>Null while nothing is in question.</summary>
    public TransportAddress? Challenger { get; private set; }

    /// <summary>The client nominates it, or sends its packets from it: only proof is missing.</summary>
    public bool IsChosen { get; private set; }

    public readonly Instant NextTimeout => Challenger is null ? Instant.Never : IsChosen ? _nextTry : Instant.Min(_nextTry, _decidesAt);

    public readonly bool IsDueToTry(Instant now) => Challenger is not null && now >= _nextTry;

    public readonly bool IsDueToDecide(Instant now) => Challenger is not null && !IsChosen && now >= _decidesAt;

    public readonly bool IsOver(Instant now) => Challenger is not null && _tries == MaximumTries && now >= _nextTry;

    public void Begin(in TransportAddress challenger, bool isChosen, TimeSpan? roundTrip, Instant now)
    {
        if (Challenger == challenger)
        {
            IsChosen |= isChosen;
            return;
        }
        var roundTrips = (roundTrip ?? TimeSpan.Zero) * PatienceRoundTrips;
        (Challenger, IsChosen, _tries) = (challenger, isChosen, 0);
        (_began, _nextTry, _decidesAt) = (now, now, now + (roundTrips > LeastPatience ? roundTrips : LeastPatience));
    }

    /// <summary>The client is where it was, if it was asked after it checked from elsewhere.</summary>
    public void HandleSelectedAnswered(Instant askedAt)
    {
        if (!IsChosen && askedAt >= _began)
            End();
    }

    public void HandleTried(Instant now) => _nextTry = now + FirstRetry * (1 << _tries++);

    /// <param name="lastHeard">Of the selected address.</param>
    /// <returns>True when it has been silent, so that the challenger is as good as chosen.</returns>
    public bool Decide(Instant lastHeard)
    {
        if (lastHeard > _began + InFlight)
            End();
        else
            IsChosen = true;
        return IsChosen;
    }

    public void End() => (Challenger, IsChosen) = (null, false);
}
