using MediaNode.Control.V1;

namespace SignalingService.Sessions;

internal static class VideoRoom
{
    public const string Plugin = "janus.plugin.videoroom";
}

/// <summary>One attachment to the plugin: nothing yet, a publisher, or a subscriber.</summary>
internal sealed class Handle(ulong id)
{
    public ulong Id { get; } = id;
    public RoomRole? Role { get; set; }
}

/// <summary>What a handle is in a room.</summary>
internal abstract class RoomRole(RoomSeat seat, ulong sequence)
{
    private ulong _sequence = sequence;

    public RoomSeat Seat { get; } = seat;

    /// <summary>Null while there is no PeerConnection.</summary>
    public ulong? PeerId { get; set; }

    /// <summary>False for what the reply to the join contained already, for repetitions, and for news of another epoch's room.</summary>
    public bool IsNews(RoomEvent roomEvent)
    {
        var isNumbered = roomEvent.Sequence != 0;
        if (roomEvent.Epoch != Seat.Epoch || isNumbered && roomEvent.Sequence <= _sequence)
            return false;
        _sequence = Math.Max(_sequence, roomEvent.Sequence);
        return true;
    }
}

internal sealed class PublisherRole(RoomSeat seat, ulong participantId, ulong sequence) : RoomRole(seat, sequence)
{
    public ulong ParticipantId { get; } = participantId;

    /// <summary>Publishers that the client has been told of. Bounded by the room's participants.</summary>
    public HashSet<ulong> Announced { get; } = [];
}

internal sealed class SubscriberRole(RoomSeat seat) : RoomRole(seat, 0)
{
    public IReadOnlyList<SubscribedStream> Streams { get; set; } = [];

    /// <summary>An offer is with the client: the next one has to wait for the answer.</summary>
    public bool IsNegotiating { get; set; }

    /// <summary>The change that waits for that answer; further ones are merged into it.</summary>
    public ChangeSubscription? Waiting { get; set; }

    /// <summary>Set when everything comes from one publisher: the SDK wants it in every offer.</summary>
    public ulong? Feed => Streams.Select(stream => stream.PublisherId).Distinct().Take(2).ToList() is [var only] ? only : null;

    public IReadOnlyList<SubscribedStreamEntry> Entries => [.. Streams.Select(stream => SubscribedStreamEntry.From(stream, ready: !IsNegotiating))];
}
