using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Speakers;

/// <summary>
/// The publishers of a room, recent speakers in front: the video of the first ones is forwarded. Who begins to talk takes the place of the one who has been
/// silent for longest, and nobody else moves, so that pictures do not come and go.
/// </summary>
internal sealed class SpeakerOrder
{
    /// <summary>Whoever has come to the front stays for so long: a cough must not cost two people their picture twice.</summary>
    public static readonly TimeSpan LeastStay = TimeSpan.FromSeconds(3);

    private readonly List<Speaker> _order = [];

    public IReadOnlyList<Speaker> Speakers => _order;

    public void Add(Speaker speaker) => _order.Add(speaker);

    public void Remove(Speaker speaker) => _order.Remove(speaker);

    /// <summary>0 for the first; -1 for somebody who does not publish.</summary>
    public int RankOf(ulong participantId) => _order.FindIndex(speaker => speaker.ParticipantId == participantId);

    /// <summary>Brings those who talk to the front.</summary>
    /// <param name="places">How many are in front.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>True when the order changed.</returns>
    public bool Promote(int places, Instant now)
    {
        var hasChanged = false;
        for (var rank = places; rank < _order.Count; rank++)
        {
            var candidate = _order[rank];
            if (!candidate.IsTalking)
                continue;
            var place = LongestSilent(places, now);
            if (place < 0)
                return hasChanged;
            var displaced = _order[place];
            _order.RemoveAt(rank);
            _order[place] = candidate;
            // Right behind the front: those in front, who do not see themselves, see this one as well.
            _order.Insert(places, displaced);
            candidate.PromotedAt = now;
            hasChanged = true;
        }
        return hasChanged;
    }

    private int LongestSilent(int places, Instant now)
    {
        var found = -1;
        for (var rank = 0; rank < places; rank++)
        {
            var speaker = _order[rank];
            if (!speaker.IsTalking && now - speaker.PromotedAt >= LeastStay && (found < 0 || speaker.LastTalkedAt < _order[found].LastTalkedAt))
                found = rank;
        }
        return found;
    }
}
