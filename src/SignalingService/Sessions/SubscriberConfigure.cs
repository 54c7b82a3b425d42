using MediaNode.Control.V1;
using Kind = MediaNode.Control.V1.Stream.Types.Kind;

namespace SignalingService.Sessions;

/// <summary>"configure" of a subscriber: layers and pause, by m-line or (in the older form) by kind; a cap on all of it; an ICE restart.</summary>
internal static class SubscriberConfigure
{
    public static IEnumerable<Command> Run(SubscriberRole role, Configure request, Turn turn)
    {
        if (role.PeerId is not { } peer)
        {
            turn.Fail(RoomError.NotPublished, "Can't configure: the PeerConnection has ended");
            yield break;
        }
        var wish = new ConfigureRequest { PeerId = peer };
        wish.Streams.AddRange(request.Streams);
        wish.Streams.AddRange(Switch(role, Kind.Audio, request.Audio).Concat(Switch(role, Kind.Video, request.Video)));
        if (request.Bitrate is { } bitrate)
            wish.BitrateBps = bitrate;
        if (wish.Streams.Count > 0 || wish.HasBitrateBps)
        {
            var configure = new ConfigurePeer(role.Seat, peer, wish);
            yield return configure;
            if (!configure.Succeeded(out _, out var refusal))
            {
                turn.Fail(refusal);
                yield break;
            }
        }
        if (!request.Restart)
        {
            turn.Event(Configured(role));
            yield break;
        }
        // An offer that waits for its answer does not hold this one up: the network that should have carried the answer may be the one that is gone.
        var restart = new UpdatePeer(role.Seat, peer, new() { PeerId = peer, Restart = true });
        yield return restart;
        if (!restart.Succeeded(out var reply, out var problem))
        {
            turn.Fail(problem);
            yield break;
        }
        role.Streams = reply.Streams;
        role.IsNegotiating = true;
        turn.Event(Configured(role), new("offer", reply.SdpOffer));
    }

    private static VideoRoomData Configured(SubscriberRole role) => new("event") { Room = role.Seat.RoomId, Configured = "ok" };

    private static IEnumerable<StreamConfiguration> Switch(SubscriberRole role, Kind kind, bool? send) => send is { } on
        ? role.Streams.Where(stream => stream.Stream.Kind == kind).Select(stream => new StreamConfiguration { Mid = stream.Stream.Mid, Send = on })
        : [];
}
