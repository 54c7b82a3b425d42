using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Speakers;

/// <summary>Who has the word. The last speaker keeps it through a silence; somebody who interrupts gets it by being clearly louder for a while.</summary>
internal sealed class DominantSpeaker
{
    /// <summary>An interrupter has to be so much louder, in dB.</summary>
    public const double Advantage = 6;

    /// <summary>And for so long.</summary>
    public static readonly TimeSpan Persistence = TimeSpan.FromSeconds(1);

    private Speaker? _challenger;
    private Instant _challengedSince;

    public Speaker? Current { get; private set; }

    /// <returns>True when somebody else has the word now.</returns>
    public bool Choose(IReadOnlyList<Speaker> speakers, Instant now)
    {
        Speaker? loudest = null;
        for (var i = 0; i < speakers.Count; i++)
        {
            if (speakers[i].IsTalking && (loudest is null || speakers[i].Level < loudest.Level))
                loudest = speakers[i];
        }
        if (loudest is null || loudest == Current)
        {
            _challenger = null;
            return false;
        }
        if (Current is { IsTalking: true } current && !HasPersisted(loudest, current, now))
            return false;
        Current = loudest;
        _challenger = null;
        return true;
    }

    public void Forget(Speaker speaker)
    {
        if (Current == speaker)
            Current = null;
        if (_challenger == speaker)
            _challenger = null;
    }

    private bool HasPersisted(Speaker loudest, Speaker current, Instant now)
    {
        if (current.Level - loudest.Level < Advantage)
        {
            _challenger = null;
            return false;
        }
        if (_challenger != loudest)
            (_challenger, _challengedSince) = (loudest, now);
        return now - _challengedSince >= Persistence;
    }
}
