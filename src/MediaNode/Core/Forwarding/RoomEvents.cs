using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>Something that happened in a room.</summary>
/// <param name="RoomId">The room.</param>
/// <param name="Epoch">The room's assignment that the event belongs to.</param>
/// <param name="Sequence">Rises by one with every event of the room.</param>
/// <param name="Instances">The signalling instances it is for.</param>
/// <param name="Happening">What happened.</param>
public sealed record RoomEvent(string RoomId, ulong Epoch, ulong Sequence, IReadOnlyCollection<string> Instances, Happening Happening);

public abstract record Happening;

public sealed record ParticipantJoined(ParticipantInfo Participant) : Happening;

/// <param name="ParticipantId">Who left.</param>
/// <param name="Reason">left, replaced, timeout, removed.</param>
/// <param name="Instance">The instance that held the participant's connection.</param>
public sealed record ParticipantLeft(ulong ParticipantId, string Reason, string Instance) : Happening;

/// <summary>A publisher's transport is up, or its streams changed: others may subscribe.</summary>
public sealed record PublisherReady(PublisherInfo Publisher) : Happening;

public sealed record PublisherGone(ulong ParticipantId, string Reason) : Happening;

public sealed record PeerConnected(ulong PeerId, ulong ParticipantId) : Happening;

public sealed record PeerClosed(ulong PeerId, ulong ParticipantId, string Reason) : Happening;

/// <summary>Media of a publishing peer's stream started to come, or stopped.</summary>
public sealed record MediaChanged(ulong PeerId, MediaKind Kind, Mid Mid, bool Receiving) : Happening;

/// <param name="PeerId">The peer with the poor path.</param>
/// <param name="Kind">Kind of the stream.</param>
/// <param name="Mid">The stream.</param>
/// <param name="Uplink">True: packets of the client did not reach the node.</param>
/// <param name="Lost">Packets within the last second.</param>
public sealed record SlowLink(ulong PeerId, MediaKind Kind, Mid Mid, bool Uplink, int Lost) : Happening
{
    /// <summary>Packets lost between two reports, about a second, that make a link slow.</summary>
    public const int LeastPackets = 4;
}

/// <param name="ParticipantId">Who.</param>
/// <param name="IsTalking">Started, or stopped.</param>
/// <param name="Level">RFC 6464: 0 loudest, 127 silence.</param>
public sealed record TalkingChanged(ulong ParticipantId, bool IsTalking, byte Level) : Happening;

/// <summary>Other layers of a subscribed stream go out than before.</summary>
/// <param name="PeerId">The subscribing peer.</param>
/// <param name="Mid">Its m-line.</param>
/// <param name="Substream">Simulcast layer, 0 the lowest. Null when it is as before, as the others are.</param>
/// <param name="Spatial">Spatial layer of a codec with SVC; null with simulcast.</param>
/// <param name="Temporal">Temporal layer.</param>
public sealed record SubscriptionChanged(ulong PeerId, Mid Mid, byte? Substream, byte? Spatial, byte? Temporal) : Happening;

/// <summary>Other layers of a published video are watched than before. Nobody misses those above, so the client may stop sending them.</summary>
/// <param name="PeerId">The publishing peer.</param>
/// <param name="Mid">The stream.</param>
/// <param name="IsWatched">False when nobody watches at all.</param>
/// <param name="Substream">Highest simulcast layer that is watched; 0 also when nobody watches, and without simulcast.</param>
/// <param name="Spatial">Highest spatial layer that is watched, of a single encoding that has several (SVC).</param>
/// <param name="Rids">Names of the encodings up to the substream; none when they have no names.</param>
public sealed record LayersWanted(ulong PeerId, Mid Mid, bool IsWatched, byte Substream, byte? Spatial, IReadOnlyList<Rid> Rids) : Happening;

/// <summary>What comes to a subscribing peer is not what it was offered any more: it gets nothing of it until it has answered another offer.</summary>
public sealed record NegotiationNeeded(ulong PeerId) : Happening;

/// <summary>Somebody else has the word.</summary>
public sealed record DominantSpeakerChanged(ulong ParticipantId) : Happening;

public sealed record RoomClosed(string Reason) : Happening;

public sealed record ParticipantInfo(ulong Id, string Display, bool Publishing, bool Talking);

public sealed record PublisherInfo(ulong Id, string Display, IReadOnlyList<StreamInfo> Streams, bool Talking);

/// <param name="Kind">Audio, video or data.</param>
/// <param name="Index">Of the m-line.</param>
/// <param name="Mid">Of the m-line.</param>
/// <param name="Codec">Lower case; empty for data.</param>
/// <param name="Simulcast">Comes in several encodings.</param>
/// <param name="Disabled">Its direction is inactive now.</param>
public sealed record StreamInfo(MediaKind Kind, int Index, Mid Mid, string Codec, bool Simulcast, bool Disabled);

/// <param name="Stream">The subscriber's m-line.</param>
/// <param name="PublisherId">Whose it is.</param>
/// <param name="PublisherDisplay">Name of the publisher.</param>
/// <param name="PublisherMid">Which of the publisher's streams.</param>
/// <param name="Active">False once the publisher or the stream is gone.</param>
public sealed record SubscribedStreamInfo(StreamInfo Stream, ulong PublisherId, string PublisherDisplay, Mid PublisherMid, bool Active);
