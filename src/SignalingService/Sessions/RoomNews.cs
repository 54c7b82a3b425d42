using System.Text.Json.Nodes;
using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>What the node tells of a room, as the client of one handle gets to hear it.</summary>
internal static class RoomNews
{
    public static void React(JanusSession session, Handle handle, RoomEvent news)
    {
        if (handle.Role is not { } role || !role.IsNews(news))
            return;
        if (role is PublisherRole publisher)
            ReactAsParticipant(session, handle, publisher, news);
        ReactAsPeer(session, handle, role, news);
    }

    /// <summary>Somebody else is not there any more. Both words, in this order, as Janus has them: the SDK acts on the first that it can use.</summary>
    public static void SayGone(JanusSession session, Handle handle, PublisherRole role, ulong participant, bool hasLeft)
    {
        if (role.Announced.Remove(participant))
            session.SendEvent(handle, new("event") { Room = role.Seat.RoomId, Unpublished = JsonValue.Create(participant) });
        if (hasLeft)
            session.SendEvent(handle, new("event") { Room = role.Seat.RoomId, Leaving = JsonValue.Create(participant) });
    }

    public static void Announce(JanusSession session, Handle handle, PublisherRole role, Publisher publisher)
    {
        // The SDK subscribes once more at every announcement; stock clients know that it may be about new streams.
        if (publisher.Id != role.ParticipantId && (role.Announced.Add(publisher.Id) || session.SpeaksStock))
            session.SendEvent(handle, new("event") { Room = role.Seat.RoomId, Publishers = [PublisherEntry.From(publisher)] });
    }

    /// <summary>The participant itself is out of the room, other than by asking for it.</summary>
    public static void PutOut(JanusSession session, Handle handle, PublisherRole role, string reason)
    {
        session.SendEvent(handle, new("event") { Room = role.Seat.RoomId, Leaving = "ok", Reason = reason });
        if (role.PeerId is not null)
            session.Send(handle, new("hangup") { Reason = reason });
        session.GiveBack(handle);
    }

    private static void ReactAsParticipant(JanusSession session, Handle handle, PublisherRole role, RoomEvent news)
    {
        switch (news.EventCase)
        {
            case RoomEvent.EventOneofCase.PublisherReady:
                Announce(session, handle, role, news.PublisherReady.Publisher);
                break;
            case RoomEvent.EventOneofCase.PublisherGone:
                SayGone(session, handle, role, news.PublisherGone.ParticipantId, hasLeft: false);
                break;
            case RoomEvent.EventOneofCase.ParticipantLeft when news.ParticipantLeft.ParticipantId == role.ParticipantId:
                PutOut(session, handle, role, news.ParticipantLeft.Reason);
                break;
            case RoomEvent.EventOneofCase.ParticipantLeft:
                SayGone(session, handle, role, news.ParticipantLeft.ParticipantId, hasLeft: true);
                break;
            case RoomEvent.EventOneofCase.Talking:
                session.SendEvent(handle, new(news.Talking.Talking_ ? "talking" : "stopped-talking")
                {
                    Room = role.Seat.RoomId,
                    Id = news.Talking.ParticipantId,
                    AudioLevel = news.Talking.LevelDbov,
                });
                break;
            case RoomEvent.EventOneofCase.DominantSpeaker:
                session.SendEvent(handle, new("event") { Room = role.Seat.RoomId, ActiveSpeaker = news.DominantSpeaker.ParticipantId });
                break;
            case RoomEvent.EventOneofCase.RoomClosed:
                foreach (var other in role.Announced.Order().ToList())
                    SayGone(session, handle, role, other, hasLeft: true);
                session.SendEvent(handle, new("destroyed") { Room = role.Seat.RoomId });
                PutOut(session, handle, role, news.RoomClosed.Reason);
                break;
        }
    }

    private static void ReactAsPeer(JanusSession session, Handle handle, RoomRole role, RoomEvent news)
    {
        switch (news.EventCase)
        {
            case RoomEvent.EventOneofCase.PeerConnected when news.PeerConnected.PeerId == role.PeerId:
                session.Send(handle, new("webrtcup"));
                break;
            case RoomEvent.EventOneofCase.PeerClosed when news.PeerClosed.PeerId == role.PeerId:
                role.PeerId = null;
                session.Send(handle, new("hangup") { Reason = news.PeerClosed.Reason });
                break;
            case RoomEvent.EventOneofCase.MediaChanged when news.MediaChanged.PeerId == role.PeerId:
                session.Send(handle, new("media")
                {
                    Type = Text.Of(news.MediaChanged.Kind),
                    Mid = news.MediaChanged.Mid,
                    Receiving = news.MediaChanged.Receiving,
                });
                break;
            case RoomEvent.EventOneofCase.SlowLink when news.SlowLink.PeerId == role.PeerId:
                session.Send(handle, SlowLink(news.SlowLink));
                break;
            case RoomEvent.EventOneofCase.SubscriptionChanged when news.SubscriptionChanged.PeerId == role.PeerId:
                session.SendEvent(handle, LayerChanged(role, news.SubscriptionChanged, news.SubscriptionChanged.HasSpatialLayer));
                break;
            case RoomEvent.EventOneofCase.NegotiationNeeded when news.NegotiationNeeded.PeerId == role.PeerId:
                session.Begin(handle, SubscriptionRefresh.Run(session, handle));
                break;
            case RoomEvent.EventOneofCase.LayersWanted when news.LayersWanted.PeerId == role.PeerId:
                session.SendEvent(handle, new("event")
                {
                    Room = role.Seat.RoomId,
                    LayersWanted = LayersWanted(news.LayersWanted),
                });
                break;
        }
    }

    /// <summary>Janus speaks of its own uplink: true when the client misses packets. The node's word is about the client's uplink.</summary>
    private static ServerMessage SlowLink(SlowLink link) => new("slowlink")
    {
        Uplink = !link.Uplink,
        Lost = link.Lost,
        Media = Text.Of(link.Kind),
        Mid = link.Mid,
    };

    private static LayersWantedEntry LayersWanted(LayersWanted wanted) => new(
        wanted.Mid,
        !wanted.Unwatched,
        wanted.HasSpatialLayer ? null : wanted.Substream,
        wanted.HasSpatialLayer ? wanted.SpatialLayer : null,
        wanted.Rids);

    /// <summary>Janus has its own words for SVC.</summary>
    private static VideoRoomData LayerChanged(RoomRole role, SubscriptionChanged change, bool isSpatial) => new("event")
    {
        Room = role.Seat.RoomId,
        Mid = change.Mid,
        Substream = change.HasSubstream ? change.Substream : null,
        Temporal = change.HasTemporalLayer && !isSpatial ? change.TemporalLayer : null,
        SpatialLayer = change.HasSpatialLayer ? change.SpatialLayer : null,
        TemporalLayer = change.HasTemporalLayer && isSpatial ? change.TemporalLayer : null,
    };
}
