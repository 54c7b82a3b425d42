using MediaNode.Control.V1;
using Kind = MediaNode.Control.V1.Stream.Types.Kind;

namespace SignalingService.Sessions;

/// <summary>"configure" and "publish" of a publisher. With an offer it publishes or renegotiates; what is published, the offer says.</summary>
internal static class PublisherConfigure
{
    public static IEnumerable<Command> Run(JanusSession session, PublisherRole role, Configure request, Turn turn) => turn.Message.Jsep switch
    {
        { Type: not "offer" } jsep => Refuse(turn, RoomError.InvalidSdpType, $"jsep.type: 'offer' expected, not '{jsep.Type}'"),
        null when request.Word == "publish" => Refuse(turn, RoomError.MissingElement, "Missing element (jsep: publishing takes an offer)"),
        not null when request.Word == "publish" && role.PeerId is not null =>
            Refuse(turn, RoomError.AlreadyPublished, "Already publishing: change it with 'configure'"),
        null => Adjust(role, request, turn),
        _ => Publish(session, role, request, turn),
    };

    public static PublishPeer Offer(JanusSession session, PublisherRole role, Configure request, Turn turn)
    {
        var publish = new PublishRequest { ParticipantId = role.ParticipantId, SdpOffer = turn.Message.Jsep!.Sdp, Codecs = { request.Codecs } };
        if (request.Bitrate is { } bitrate)
            publish.BitrateBps = bitrate;
        return new(role.Seat, role.PeerId ?? session.NextId(), publish);
    }

    private static IEnumerable<Command> Publish(JanusSession session, PublisherRole role, Configure request, Turn turn)
    {
        var publish = Offer(session, role, request, turn);
        yield return publish;
        if (!publish.Succeeded(out var reply, out var refusal))
        {
            turn.Fail(refusal);
            yield break;
        }
        role.PeerId = publish.PeerId;
        var configured = Configured(role) with
        {
            AudioCodec = PublisherEntry.Codec(reply.Streams, Kind.Audio),
            VideoCodec = PublisherEntry.Codec(reply.Streams, Kind.Video),
        };
        turn.Event(configured, new("answer", reply.SdpAnswer));
    }

    private static IEnumerable<Command> Adjust(PublisherRole role, Configure request, Turn turn)
    {
        if (role.PeerId is { } peer && (request.KeyFrame || request.Bitrate is not null))
        {
            var wish = new ConfigureRequest { PeerId = peer, KeyFrame = request.KeyFrame };
            if (request.Bitrate is { } bitrate)
                wish.BitrateBps = bitrate;
            var configure = new ConfigurePeer(role.Seat, peer, wish);
            yield return configure;
            if (!configure.Succeeded(out _, out var refusal))
            {
                turn.Fail(refusal);
                yield break;
            }
        }
        turn.Event(Configured(role));
    }

    private static VideoRoomData Configured(PublisherRole role) => new("event") { Room = role.Seat.RoomId, Configured = "ok" };

    private static IEnumerable<Command> Refuse(Turn turn, int code, string reason)
    {
        turn.Fail(code, reason);
        yield break;
    }
}
