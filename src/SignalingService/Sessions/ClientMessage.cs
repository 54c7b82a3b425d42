using System.Diagnostics;
using MediaNode.Control.V1;

namespace SignalingService.Sessions;

internal enum Verb
{
    Unknown,
    Create,
    Attach,
    Message,
    Trickle,
    KeepAlive,
    Detach,
    Destroy,
    Hangup,
    Info,
    Ping,
    Claim,
}

/// <summary>One frame of the client, read. What could not be read is a <see cref="Problem"/>; the rest is then as far as it was understood.</summary>
internal sealed record ClientMessage(Verb Verb, string? Transaction)
{
    public Refusal? Problem { get; init; }
    public string? Token { get; init; }
    public ulong? SessionId { get; init; }
    public ulong? HandleId { get; init; }
    public string? Plugin { get; init; }
    public VideoRoomRequest? Request { get; init; }
    public SessionDescription? Jsep { get; init; }

    /// <summary>Spans the message's handling; commands that it causes become its children.</summary>
    public Activity? Activity { get; init; }

    /// <summary>A word of a fixed set, fit for metrics.</summary>
    public string Name => Request is { } request ? request.Name : Verb.ToString().ToLowerInvariant();
}

/// <summary>How a refusal of a request reaches the client.</summary>
internal enum ReplyStyle
{
    /// <summary>Acknowledged at once, answered by an event.</summary>
    Event,

    /// <summary>Answered in the reply itself; there is no acknowledgement.</summary>
    Direct,

    /// <summary>
    /// Acknowledged when the participant is in; refused by an error of the core. The SDK's join() resolves on the acknowledgement,
    /// so nothing later could tell its caller.
    /// </summary>
    Entry,
}

/// <summary>The body of a message to the VideoRoom plugin.</summary>
internal abstract record VideoRoomRequest(string Name, ReplyStyle Style);

internal sealed record UnreadableRequest(string RequestName, ReplyStyle RefusalStyle, Refusal Refusal) : VideoRoomRequest(RequestName, RefusalStyle);

/// <param name="Id">Null when the client leaves it to the token.</param>
/// <param name="Configure">What to publish in the same step ("joinandconfigure").</param>
internal sealed record JoinAsPublisher(string Room, ulong? Id, string? Display, Configure? Configure)
    : VideoRoomRequest(Configure is null ? "join" : "joinandconfigure", ReplyStyle.Entry);

/// <param name="Streams">At least one.</param>
/// <param name="Stock">Said "subscriber", as Janus 1.x does; the SDK says "listener".</param>
internal sealed record JoinAsSubscriber(string Room, IReadOnlyList<FeedSelector> Streams, bool Stock) : VideoRoomRequest("join", ReplyStyle.Event);

/// <param name="Feed">The publisher's id; null with <paramref name="SubscriberMid"/>.</param>
/// <param name="Mid">Of the publisher's stream; null for all of them.</param>
/// <param name="Layers">How much of it.</param>
/// <param name="SubscriberMid">Of the subscriber's own m-line, which "unsubscribe" may name instead.</param>
internal sealed record FeedSelector(ulong? Feed, string? Mid, LayerWish Layers, string? SubscriberMid = null);

/// <summary>Configures either kind of handle. The SDK's flags for audio and video say nothing of a publisher: its offer does.</summary>
internal sealed record Configure(string Word) : VideoRoomRequest(Word, ReplyStyle.Event)
{
    public bool KeyFrame { get; init; }

    /// <summary>Of a subscriber: an offer that restarts ICE is wanted. A publisher restarts by an offer of its own.</summary>
    public bool Restart { get; init; }

    /// <summary>Most that is sent by a publisher, or to a subscriber, in bits per second; 0 takes the cap away, null leaves it.</summary>
    public uint? Bitrate { get; init; }
    /// <summary>Of a publisher: codecs that it wants to send, where it offers them.</summary>
    public IReadOnlyList<string> Codecs { get; init; } = [];
    public bool? Audio { get; init; }
    public bool? Video { get; init; }
    public IReadOnlyList<StreamConfiguration> Streams { get; init; } = [];
}

internal sealed record Unpublish() : VideoRoomRequest("unpublish", ReplyStyle.Event);

internal sealed record Start() : VideoRoomRequest("start", ReplyStyle.Event);

internal sealed record Pause() : VideoRoomRequest("pause", ReplyStyle.Event);

internal sealed record ChangeSubscription(string Word, IReadOnlyList<FeedSelector> Subscribe, IReadOnlyList<FeedSelector> Unsubscribe)
    : VideoRoomRequest(Word, ReplyStyle.Event);

internal sealed record Leave() : VideoRoomRequest("leave", ReplyStyle.Event);

/// <param name="Room">Null: the room that the handle is in.</param>
internal sealed record ListParticipants(string? Room) : VideoRoomRequest("listparticipants", ReplyStyle.Direct);

internal sealed record Exists(string Room) : VideoRoomRequest("exists", ReplyStyle.Direct);
