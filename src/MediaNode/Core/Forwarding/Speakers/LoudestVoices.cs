using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Speakers;

/// <summary>Which publishers are heard when a room forwards the audio of the loudest only.</summary>
internal sealed class LoudestVoices
{
    /// <summary>Somebody else has to be so much louder to take a place, in dB.</summary>
    public const double Advantage = 6;

    /// <summary>A place is kept for so long, whatever others do: words end within it.</summary>
    public static readonly TimeSpan LeastStay = TimeSpan.FromSeconds(1);

    /// <summary>Above every level.</summary>
    private const double Certain = 1000;

    private static readonly Comparison<Entry> StrongestFirst = static (left, right) =>
        left.Claim != right.Claim ? right.Claim.CompareTo(left.Claim) : left.Order.CompareTo(right.Order);

    private readonly List<Entry> _entries = [];

    /// <summary>Chooses anew.</summary>
    /// <param name="speakers">All of the room; those who tell no level are always heard, and take no place.</param>
    /// <param name="places">How many are heard; 0 for all.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>True when somebody is heard now who was not, or the other way round.</returns>
    public bool Choose(IReadOnlyList<Speaker> speakers, int places, Instant now)
    {
        _entries.Clear();
        for (var i = 0; i < speakers.Count; i++)
        {
            var speaker = speakers[i];
            _entries.Add(new(speaker, speaker.TellsLevel && places > 0 ? Claim(speaker, now) : double.MaxValue, i));
        }
        _entries.Sort(StrongestFirst);
        var hasChanged = false;
        var taken = 0;
        foreach (var (speaker, claim, _) in _entries)
            hasChanged |= Set(speaker, claim == double.MaxValue || taken++ < places, now);
        return hasChanged;
    }

    private static double Claim(Speaker speaker, Instant now)
    {
        var loudness = Speaker.Silence - speaker.Level;
        if (!speaker.IsHeard)
            return loudness;
        return loudness + (now - speaker.HeardSince < LeastStay ? Certain : Advantage);
    }

    private static bool Set(Speaker speaker, bool isHeard, Instant now)
    {
        if (speaker.IsHeard == isHeard)
            return false;
        speaker.IsHeard = isHeard;
        speaker.HeardSince = now;
        return true;
    }

    private readonly record struct Entry(Speaker Speaker, double Claim, int Order);
}
