using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <param name="Publishers">Those who can be subscribed to, without the one who joined.</param>
/// <param name="Sequence">Of the room's last event that this already contains.</param>
public sealed record Joined(IReadOnlyList<PublisherInfo> Publishers, ulong Sequence);

public sealed record Published(string SdpAnswer, IReadOnlyList<StreamInfo> Streams);

/// <param name="SdpOffer">Null when nothing has to be negotiated.</param>
/// <param name="Streams">All streams of the peer, by m-line.</param>
public sealed record Subscribed(string? SdpOffer, IReadOnlyList<SubscribedStreamInfo> Streams);

/// <summary>A stream that a subscriber wants.</summary>
/// <param name="PublisherId">Whose.</param>
/// <param name="Mid">Which; null for all of them.</param>
/// <param name="Layers">How much of it, if it is video; null for all.</param>
public sealed record StreamWish(ulong PublisherId, Mid? Mid, LayerWish? Layers = null);

/// <summary>The most that a subscriber wants of a video. What is null stays as it was.</summary>
/// <param name="Spatial">Highest simulcast layer (with one encoding in spatial layers: of those), 0 the lowest.</param>
/// <param name="Temporal">Highest temporal layer.</param>
/// <param name="MaximumWidth">Of the picture, in pixels; 0 for any. The smallest layer goes out even if it is larger.</param>
/// <param name="MaximumHeight">The same.</param>
public sealed record LayerWish(byte? Spatial = null, byte? Temporal = null, ushort? MaximumWidth = null, ushort? MaximumHeight = null);

/// <summary>A stream that a subscriber wants no longer.</summary>
/// <param name="PublisherId">Whose, when the mid is empty.</param>
/// <param name="Mid">The subscriber's own m-line; empty for all streams of the publisher.</param>
public sealed record StreamRemoval(ulong PublisherId, string Mid);

/// <param name="Mid">The subscriber's m-line; empty for all.</param>
/// <param name="Send">False pauses, true resumes.</param>
/// <param name="Layers">How much of it; null for as much as before.</param>
public sealed record DownTrackConfiguration(string Mid, bool? Send, LayerWish? Layers);

/// <param name="Streams">For subscribing peers.</param>
/// <param name="BitrateCap">Most that a publishing peer should send, or that a subscribing peer is sent, in bits per second; 0 removes it.</param>
/// <param name="KeyFrame">For publishing peers: ask the client for a key frame.</param>
public sealed record PeerConfiguration(IReadOnlyList<DownTrackConfiguration> Streams, long? BitrateCap, bool KeyFrame);

/// <summary>Nothing to say but that it was done.</summary>
public readonly record struct Done;
