using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>How somebody leaves: first what they published is gone, then they are. Whoever listens needs it in this order.</summary>
internal static class Departure
{
    public static void Leave(Participant participant, string reason, Instant now)
    {
        var room = participant.Room;
        participant.Publisher?.Close(reason == "left" ? "closed" : reason, now);
        foreach (var subscriber in participant.Subscribers.ToList())
            subscriber.Close(reason == "left" ? "closed" : reason, now);
        room.Remove(participant, now);
        room.Announce(new ParticipantLeft(participant.Id, reason, participant.Instance), alsoTo: participant.Instance);
    }
}
