using MediaNode.Control.V1;
using MediaNode.Core.Rtp;
using Forwarding = MediaNode.Core.Forwarding;

namespace MediaNode.Control;

/// <summary>Core's records as messages of the control protocol.</summary>
internal static class ProtoMapping
{
    public static RoomEvent ToProto(Forwarding.RoomEvent source)
    {
        var message = new RoomEvent { RoomId = source.RoomId, Epoch = source.Epoch, Sequence = source.Sequence };
        switch (source.Happening)
        {
            case Forwarding.ParticipantJoined joined:
                message.ParticipantJoined = new() { Participant = ToProto(joined.Participant) };
                break;
            case Forwarding.ParticipantLeft left:
                message.ParticipantLeft = new() { ParticipantId = left.ParticipantId, Reason = left.Reason, InstanceId = left.Instance };
                break;
            case Forwarding.PublisherReady ready:
                message.PublisherReady = new() { Publisher = ToProto(ready.Publisher) };
                break;
            case Forwarding.PublisherGone gone:
                message.PublisherGone = new() { ParticipantId = gone.ParticipantId, Reason = gone.Reason };
                break;
            case Forwarding.PeerConnected connected:
                message.PeerConnected = new() { PeerId = connected.PeerId, ParticipantId = connected.ParticipantId };
                break;
            case Forwarding.PeerClosed closed:
                message.PeerClosed = new() { PeerId = closed.PeerId, ParticipantId = closed.ParticipantId, Reason = closed.Reason };
                break;
            case Forwarding.MediaChanged media:
                message.MediaChanged = new() { PeerId = media.PeerId, Kind = ToProto(media.Kind), Mid = media.Mid.Value, Receiving = media.Receiving };
                break;
            case Forwarding.SlowLink slow:
                message.SlowLink = new() { PeerId = slow.PeerId, Kind = ToProto(slow.Kind), Mid = slow.Mid.Value, Uplink = slow.Uplink, Lost = (uint)slow.Lost };
                break;
            case Forwarding.TalkingChanged talking:
                message.Talking = new() { ParticipantId = talking.ParticipantId, Talking_ = talking.IsTalking, LevelDbov = talking.Level };
                break;
            case Forwarding.SubscriptionChanged change:
                message.SubscriptionChanged = ToProto(change);
                break;
            case Forwarding.LayersWanted wanted:
                message.LayersWanted = ToProto(wanted);
                break;
            case Forwarding.NegotiationNeeded needed:
                message.NegotiationNeeded = new() { PeerId = needed.PeerId };
                break;
            case Forwarding.DominantSpeakerChanged dominant:
                message.DominantSpeaker = new() { ParticipantId = dominant.ParticipantId };
                break;
            case Forwarding.RoomClosed closed:
                message.RoomClosed = new() { Reason = closed.Reason };
                break;
        }
        return message;
    }

    public static Forwarding.LayerWish ToLayerWish(this StreamConfiguration source) => new(
        source.HasSubstream ? ToByte(source.Substream) : null,
        source.HasTemporalLayer ? ToByte(source.TemporalLayer) : null,
        source.HasMaxWidth ? ToPixels(source.MaxWidth) : null,
        source.HasMaxHeight ? ToPixels(source.MaxHeight) : null);

    public static Forwarding.LayerWish ToLayerWish(this StreamSelector source) => new(
        source.HasSubstream ? ToByte(source.Substream) : null,
        source.HasTemporalLayer ? ToByte(source.TemporalLayer) : null,
        source.HasMaxWidth ? ToPixels(source.MaxWidth) : null,
        source.HasMaxHeight ? ToPixels(source.MaxHeight) : null);

    public static Forwarding.RoomLimits ToLimits(RoomSettings source) => new(Clamp(source.MaximumParticipants), source.PublisherBitrateBps)
    {
        MaximumVideoStreams = Clamp(source.MaximumVideoStreams),
        MaximumAudioStreams = Clamp(source.MaximumAudioStreams),
        VideoCodecs = ToCodecs(source.VideoCodecs),
    };

    /// <summary>Those that are known: a caller of a later version may know more.</summary>
    public static IReadOnlyList<Codec> ToCodecs(IEnumerable<string> names) =>
        [.. names.Select(name => CodecNames.TryFind(name, out var codec) ? codec : Codec.None).Where(codec => codec != Codec.None)];

    public static Participant ToProto(Forwarding.ParticipantInfo source) =>
        new() { Id = source.Id, Display = source.Display, Publishing = source.Publishing, Talking = source.Talking };

    public static Publisher ToProto(Forwarding.PublisherInfo source)
    {
        var publisher = new Publisher { Id = source.Id, Display = source.Display, Talking = source.Talking };
        publisher.Streams.AddRange(source.Streams.Select(ToProto));
        return publisher;
    }

    public static V1.Stream ToProto(Forwarding.StreamInfo source) => new()
    {
        Kind = ToProto(source.Kind),
        Index = (uint)source.Index,
        Mid = source.Mid.Value,
        Codec = source.Codec,
        Simulcast = source.Simulcast,
        Disabled = source.Disabled,
    };

    public static SubscribedStream ToProto(Forwarding.SubscribedStreamInfo source) => new()
    {
        Stream = ToProto(source.Stream),
        PublisherId = source.PublisherId,
        PublisherDisplay = source.PublisherDisplay,
        PublisherMid = source.PublisherMid.Value,
        Active = source.Active,
    };

    private static SubscriptionChanged ToProto(Forwarding.SubscriptionChanged source)
    {
        var change = new SubscriptionChanged { PeerId = source.PeerId, Mid = source.Mid.Value };
        if (source.Substream is { } substream)
            change.Substream = substream;
        if (source.Spatial is { } spatial)
            change.SpatialLayer = spatial;
        if (source.Temporal is { } temporal)
            change.TemporalLayer = temporal;
        return change;
    }

    private static LayersWanted ToProto(Forwarding.LayersWanted source)
    {
        var wanted = new LayersWanted { PeerId = source.PeerId, Mid = source.Mid.Value, Unwatched = !source.IsWatched, Substream = source.Substream };
        if (source.Spatial is { } spatial)
            wanted.SpatialLayer = spatial;
        wanted.Rids.AddRange(source.Rids.Select(rid => rid.Value));
        return wanted;
    }

    public static V1.Stream.Types.Kind ToProto(MediaKind kind) => kind switch
    {
        MediaKind.Audio => V1.Stream.Types.Kind.Audio,
        MediaKind.Video => V1.Stream.Types.Kind.Video,
        _ => V1.Stream.Types.Kind.Data,
    };

    private static int Clamp(uint value) => (int)Math.Min(value, int.MaxValue);

    private static byte ToByte(uint value) => (byte)Math.Min(value, byte.MaxValue);

    private static ushort ToPixels(uint value) => (ushort)Math.Min(value, ushort.MaxValue);
}
