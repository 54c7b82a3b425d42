using MediaNode.Control.V1;
using Kind = MediaNode.Control.V1.Stream.Types.Kind;

namespace SignalingService.Sessions;

/// <summary>"configure" of a subscriber: layers and pause, by m-line or (in the older form) by kind.</summary>
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
        if (wish.Streams.Count > 0)
        {
            var configure = new ConfigurePeer(role.Seat, peer, wish);
            yield return configure;
            if (!configure.Succeeded(out _, out var refusal))
            {
                turn.Fail(refusal);
                yield break;
            }
        }
        turn.Event(new("event") { Room = role.Seat.RoomId, Configured = "ok" });
    }

    private static IEnumerable<StreamConfiguration> Switch(SubscriberRole role, Kind kind, bool? send) => send is { } on
        ? role.Streams.Where(stream => stream.Stream.Kind == kind).Select(stream => new StreamConfiguration { Mid = stream.Stream.Mid, Send = on })
        : [];
}
