using System.Diagnostics.CodeAnalysis;
using MediaNode.Control.V1;
using ServiceDefaults;

namespace SignalingService.Sessions;

/// <summary>Something that a session wants done in the world: whoever runs it either completes or refuses it, then hands it back.</summary>
internal abstract class Command
{
    public Refusal? Refusal { get; private set; }

    public void Refuse(Refusal refusal) => Refusal = refusal;
}

internal abstract class Command<TOutcome> : Command
    where TOutcome : class
{
    private TOutcome? _outcome;

    public void Complete(TOutcome outcome) => _outcome = outcome;

    public bool Succeeded([NotNullWhen(true)] out TOutcome? outcome, [NotNullWhen(false)] out Refusal? refusal)
    {
        outcome = _outcome;
        refusal = outcome is null ? Refusal ?? throw new InvalidOperationException($"{GetType().Name} came back without an outcome.") : null;
        return outcome is not null;
    }
}

/// <summary>For commands whose success says everything.</summary>
internal sealed class Done
{
    public static readonly Done Value = new();
}

/// <summary>A room on the node and in the epoch in which a handle entered it.</summary>
internal sealed class RoomSeat(string roomId, string nodeId, ulong epoch, ulong? participantId)
{
    public string RoomId { get; } = roomId;
    public string NodeId { get; } = nodeId;
    public ulong Epoch { get; } = epoch;

    /// <summary>Null for a handle that only watches, whether its user has joined on another handle or not.</summary>
    public ulong? ParticipantId { get; } = participantId;

    public RoomReference Reference => new() { RoomId = RoomId, Epoch = Epoch };
}

internal sealed class Authenticate(string? token) : Command<SessionIdentity>
{
    public string? Token { get; } = token;
}

/// <param name="token">The newest that the client has shown; it must speak for the same user.</param>
internal sealed class CheckAccess(string? token, SessionIdentity identity, string roomId) : Command<MeetingAccess>
{
    public string? Token { get; } = token;
    public SessionIdentity Identity { get; } = identity;
    public string RoomId { get; } = roomId;
}

/// <param name="Name">The meeting's.</param>
internal sealed record MeetingAccess(string? Name);

internal sealed class EnterRoom(string roomId, ulong participantId, string? display) : Command<RoomEntry>
{
    public string RoomId { get; } = roomId;
    public ulong ParticipantId { get; } = participantId;
    public string? Display { get; } = display;
}

internal sealed record RoomEntry(RoomSeat Seat, JoinReply Reply);

/// <summary>Takes a seat for watching; the node hears of it with the first subscription.</summary>
/// <param name="roomId">The room.</param>
/// <param name="beside">The seat of the session's participant there, who is watching: where that is, the room need not be looked for.</param>
internal sealed class WatchRoom(string roomId, RoomSeat? beside) : Command<RoomSeat>
{
    public string RoomId { get; } = roomId;

    public RoomSeat? Beside { get; } = beside;
}

/// <summary>Gives a seat back: the participant leaves, or the watching peer closes. Always succeeds: what cannot be told to a node, the node finds out.</summary>
internal sealed class LeaveRoom(RoomSeat seat, ulong? peerId) : Command<Done>
{
    public RoomSeat Seat { get; } = seat;
    public ulong? PeerId { get; } = peerId;
}

internal sealed class ListRoom(string roomId) : Command<ListParticipantsReply>
{
    public string RoomId { get; } = roomId;
}

/// <summary>A call to the node of the seat; the requests' room is filled in by whoever sends it.</summary>
internal abstract class PeerCommand<TRequest, TReply>(RoomSeat seat, ulong peerId, TRequest request) : Command<TReply>
    where TReply : class
{
    public RoomSeat Seat { get; } = seat;
    public ulong PeerId { get; } = peerId;
    public TRequest Request { get; } = request;
}

internal sealed class PublishPeer(RoomSeat seat, ulong peerId, PublishRequest request) : PeerCommand<PublishRequest, PublishReply>(seat, peerId, request);

internal sealed class SubscribePeer(RoomSeat seat, ulong peerId, SubscribeRequest request) : PeerCommand<SubscribeRequest, SubscribeReply>(seat, peerId, request);

internal sealed class UpdatePeer(RoomSeat seat, ulong peerId, UpdateSubscriptionRequest request)
    : PeerCommand<UpdateSubscriptionRequest, SubscribeReply>(seat, peerId, request);

internal sealed class AnswerPeer(RoomSeat seat, ulong peerId, AnswerRequest request) : PeerCommand<AnswerRequest, AnswerReply>(seat, peerId, request);

internal sealed class ConfigurePeer(RoomSeat seat, ulong peerId, ConfigureRequest request)
    : PeerCommand<ConfigureRequest, ConfigureReply>(seat, peerId, request);

internal sealed class ClosePeer(RoomSeat seat, ulong peerId) : PeerCommand<ClosePeerRequest, ClosePeerReply>(seat, peerId, new() { PeerId = peerId });
