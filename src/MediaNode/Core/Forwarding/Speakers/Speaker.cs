using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Speakers;

/// <summary>What a room knows of one publisher's voice.</summary>
internal sealed class Speaker(ulong participantId)
{
    /// <summary>RFC 6464: 127 is silence.</summary>
    public const double Silence = 127;

    private static readonly Instant LongAgo = new(long.MinValue / 2);

    public ulong ParticipantId { get; } = participantId;

    /// <summary>Smoothed, in -dBov: 0 loudest.</summary>
    public double Level { get; set; } = Silence;

    /// <summary>The client tells its level. Of one that does not, nobody can say whether it may be left out.</summary>
    public bool TellsLevel { get; set; }

    public bool IsTalking { get; set; }

    public Instant LastTalkedAt { get; set; } = LongAgo;

    /// <summary>When its video came among those that are forwarded.</summary>
    public Instant PromotedAt { get; set; } = LongAgo;

    /// <summary>Its audio is among the loudest.</summary>
    public bool IsHeard { get; set; } = true;

    /// <summary>When that began.</summary>
    public Instant HeardSince { get; set; } = LongAgo;
}
