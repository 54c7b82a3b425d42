using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MediaNode.Control.V1;
using Stream = MediaNode.Control.V1.Stream;

namespace SignalingService.Sessions;

/// <summary>What the VideoRoom plugin says. The members are the wire's own; those that are null are left out.</summary>
/// <param name="Videoroom">The kind: joined, event, attached, updated, updating, participants, success, talking, destroyed.</param>
internal sealed record VideoRoomData(string Videoroom)
{
    public string? Room { get; init; }
    public string? Description { get; init; }
    public ulong? Id { get; init; }
    public ulong? PrivateId { get; init; }
    public string? Display { get; init; }

    /// <summary>Never empty in an "event": the SDK takes its mere presence for the news and looks at nothing else.</summary>
    public IReadOnlyList<PublisherEntry>? Publishers { get; init; }
    public IReadOnlyList<SubscribedStreamEntry>? Streams { get; init; }
    public IReadOnlyList<ParticipantEntry>? Participants { get; init; }

    public string? Configured { get; init; }
    public string? AudioCodec { get; init; }
    public string? VideoCodec { get; init; }
    public string? Started { get; init; }
    public string? Paused { get; init; }
    public string? Left { get; init; }

    /// <summary>A publisher's id, or "ok" to the one who asked.</summary>
    public JsonNode? Unpublished { get; init; }

    /// <inheritdoc cref="Unpublished"/>
    public JsonNode? Leaving { get; init; }
    public string? Reason { get; init; }
    public bool? Exists { get; init; }

    /// <summary>dBov without its sign (RFC 6464): 0 loudest, 127 silence.</summary>
    [JsonPropertyName("audio-level-dBov-avg")]
    public uint? AudioLevel { get; init; }
    public string? Mid { get; init; }
    public uint? Substream { get; init; }
    public uint? Temporal { get; init; }
    public uint? SpatialLayer { get; init; }
    public uint? TemporalLayer { get; init; }

    /// <summary>An addition to Janus: the layers of a publisher's video that somebody watches. It may stop sending the others.</summary>
    public LayersWantedEntry? LayersWanted { get; init; }

    /// <summary>An addition to Janus: who has the word now. <c>talking</c> is said of everybody who makes a sound.</summary>
    public ulong? ActiveSpeaker { get; init; }

    public int? ErrorCode { get; init; }
    public string? Error { get; init; }
}

/// <param name="Mid">Of the publisher's stream.</param>
/// <param name="Watched">False: nobody watches it at all.</param>
/// <param name="Substream">The highest encoding; null where there are spatial layers instead.</param>
/// <param name="SpatialLayer">The highest spatial layer of a single encoding that has several (SVC).</param>
/// <param name="Rids">Of the encodings up to the substream, by the names of the publisher's offer.</param>
internal sealed record LayersWantedEntry(string Mid, bool Watched, uint? Substream, uint? SpatialLayer, IReadOnlyList<string> Rids);

internal sealed record PublisherEntry(
    ulong Id, string? Display, string? AudioCodec, string? VideoCodec, IReadOnlyList<StreamEntry> Streams, bool Talking)
{
    public static PublisherEntry From(Publisher publisher) => new(
        publisher.Id,
        Text.OrNull(publisher.Display),
        Codec(publisher.Streams, Stream.Types.Kind.Audio),
        Codec(publisher.Streams, Stream.Types.Kind.Video),
        [.. publisher.Streams.Select(StreamEntry.From)],
        publisher.Talking);

    public static string? Codec(IEnumerable<Stream> streams, Stream.Types.Kind kind) =>
        Text.OrNull(streams.FirstOrDefault(stream => stream.Kind == kind && !stream.Disabled)?.Codec);
}

internal sealed record StreamEntry(string Type, uint Mindex, string Mid, string? Codec, bool? Simulcast, bool? Disabled)
{
    public static StreamEntry From(Stream stream) => new(
        Text.Of(stream.Kind), stream.Index, stream.Mid, Text.OrNull(stream.Codec), stream.Simulcast ? true : null, stream.Disabled ? true : null);
}

/// <param name="Ready">The client has answered the offer that this stream is in.</param>
internal sealed record SubscribedStreamEntry(
    uint Mindex, string Mid, string Type, bool Active, bool Ready, bool Send, ulong FeedId, string FeedMid, string? FeedDisplay, string? Codec)
{
    public static SubscribedStreamEntry From(SubscribedStream subscribed, bool ready) => new(
        subscribed.Stream.Index,
        subscribed.Stream.Mid,
        Text.Of(subscribed.Stream.Kind),
        subscribed.Active,
        ready,
        Send: true,
        subscribed.PublisherId,
        subscribed.PublisherMid,
        Text.OrNull(subscribed.PublisherDisplay),
        Text.OrNull(subscribed.Stream.Codec));
}

internal sealed record ParticipantEntry(ulong Id, string? Display, bool Publisher, bool Talking)
{
    public static ParticipantEntry From(Participant participant) =>
        new(participant.Id, Text.OrNull(participant.Display), participant.Publishing, participant.Talking);
}

/// <summary>protobuf has empty strings where JSON leaves a member out.</summary>
internal static class Text
{
    public static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    public static string Of(Stream.Types.Kind kind) => kind switch
    {
        Stream.Types.Kind.Audio => "audio",
        Stream.Types.Kind.Video => "video",
        _ => "data",
    };
}
