using System.Text.Json;
using MediaNode.Control.V1;
using SignalingService.Sessions;

namespace SignalingService.Dialects;

/// <summary>
/// Reads bodies of messages to the VideoRoom plugin, as stock Janus 1.x clients write them and as the ConnectyCube SDK does: that one says
/// <c>ptype: "listener"</c> with a <c>feed</c>, has string rooms with numeric users, and leaves a room that it calls null.
/// </summary>
internal static class VideoRoomRequestReader
{
    private const int LongestName = 64;
    private const int LongestDisplay = 256;

    /// <summary>RFC 5888 sets no limit; RFC 8843 recommends at most three bytes, and browsers write one to four.</summary>
    private const int LongestMid = 64;

    private static readonly IReadOnlyList<string> AudioCodecs = ["opus"];
    private static readonly IReadOnlyList<string> VideoCodecs = ["vp8", "vp9", "h264", "av1"];

    private const string MadeWithMeetings = "Unauthorized (rooms are made, changed and ended with their meetings)";

    public static VideoRoomRequest Read(JsonElement body)
    {
        var fields = new Fields(body, RoomError.MissingElement, RoomError.InvalidElement);
        var name = fields.Text("request", LongestName, required: true);
        VideoRoomRequest? request = name switch
        {
            null => null,
            "join" => ReadJoin(fields),
            "joinandconfigure" => ReadJoinAndConfigure(fields),
            "configure" or "publish" => ReadConfigure(name, fields),
            "unpublish" => new Unpublish(),
            "start" => new Start(),
            "pause" => new Pause(),
            "subscribe" => new ChangeSubscription(name, Selectors("streams", fields, required: true), []),
            "unsubscribe" => new ChangeSubscription(name, [], UnsubscribeSelectors("streams", fields, required: true)),
            "update" => ReadUpdate(fields),
            "leave" => new Leave(),
            "listparticipants" => new ListParticipants(fields.Room(required: false)),
            "exists" => new Exists(fields.Room(required: true) ?? ""),
            "create" or "edit" or "destroy" => Refused(name, RoomError.Unauthorized, MadeWithMeetings),
            "list" => Refused(name, RoomError.InvalidRequest, "Request 'list' is not offered: ask for meetings over HTTP, or for one room with 'exists'"),
            "switch" => Refused(name, RoomError.InvalidRequest, "Request 'switch' is not offered: use 'update', or subscribe on another handle"),
            _ => Refused("unknown", RoomError.InvalidRequest, $"Unknown request '{name}'"),
        };
        return fields.Problem is { } problem
            ? new UnreadableRequest(request?.Name ?? "unknown", request?.Style ?? ReplyStyle.Direct, problem)
            : request!;
    }

    private static UnreadableRequest Refused(string name, int code, string reason) => new(name, ReplyStyle.Direct, new(code, reason));

    private static VideoRoomRequest? ReadJoin(Fields fields)
    {
        var ptype = fields.Text("ptype", LongestName, required: true);
        switch (ptype)
        {
            case "publisher":
                return ReadPublisher(fields, null);
            case "subscriber" or "listener":
                return ReadSubscriber(fields, isStock: ptype == "subscriber");
            default:
                fields.Reject("ptype", "'publisher', 'subscriber' or 'listener' expected");
                return new UnreadableRequest("join", ReplyStyle.Entry, fields.Problem!);
        }
    }

    private static JoinAsPublisher ReadJoinAndConfigure(Fields fields)
    {
        if (fields.Text("ptype", LongestName) is not (null or "publisher"))
            fields.Reject("ptype", "'publisher' expected, since only publishers can join and configure at once");
        return ReadPublisher(fields, ReadConfigure("joinandconfigure", fields));
    }

    private static JoinAsPublisher ReadPublisher(Fields fields, Configure? configure) =>
        new(fields.Room(required: true) ?? "", fields.Id("id"), fields.Text("display", LongestDisplay), configure);

    private static JoinAsSubscriber ReadSubscriber(Fields fields, bool isStock)
    {
        var room = fields.Room(required: true) ?? "";
        var streams = Selectors("streams", fields, required: false);
        if (streams.Count == 0)
            streams = [new(fields.Id("feed", required: true), null, LayersOf(fields))];
        return new(room, streams, isStock);
    }

    private static Configure ReadConfigure(string word, Fields fields)
    {
        var streams = fields.List("streams", ReadStream);
        var all = new StreamConfiguration();
        var layers = LayersOf(fields);
        layers.Put(all);
        return new(word)
        {
            KeyFrame = fields.Flag("keyframe") ?? false,
            Restart = fields.Flag("restart") ?? false,
            Bitrate = fields.Number("bitrate"),
            Codecs = [.. ReadCodec("audiocodec", AudioCodecs, fields), .. ReadCodec("videocodec", VideoCodecs, fields)],
            Audio = fields.Flag("audio"),
            Video = fields.Flag("video"),
            Streams = layers == LayerWish.None ? streams : [.. streams, all],
        };
    }

    /// <summary>Janus forces a publisher's codec by these; one that the offer lacks is no error there either.</summary>
    private static IEnumerable<string> ReadCodec(string name, IReadOnlyList<string> known, Fields fields)
    {
        if (fields.Text(name, LongestName) is not { } codec)
            return [];
        if (known.Contains(codec))
            return [codec];
        fields.Reject(name, $"{string.Join(" or ", known.Select(each => $"'{each}'"))} expected");
        return [];
    }

    private static StreamConfiguration ReadStream(Fields fields)
    {
        var stream = new StreamConfiguration { Mid = fields.Text("mid", LongestMid) ?? "" };
        if (fields.Flag("send") is { } send)
            stream.Send = send;
        LayersOf(fields).Put(stream);
        return stream;
    }

    /// <summary>Janus' words for simulcast, and those for SVC; and a size, which Janus does not have.</summary>
    private static LayerWish LayersOf(Fields fields) => new(
        fields.Number("substream") ?? fields.Number("spatial_layer"),
        fields.Number("temporal") ?? fields.Number("temporal_layer"),
        fields.Number("max_width"),
        fields.Number("max_height"));

    private static ChangeSubscription ReadUpdate(Fields fields)
    {
        var update = new ChangeSubscription("update", Selectors("subscribe", fields, false), UnsubscribeSelectors("unsubscribe", fields, false));
        fields.Require("subscribe or unsubscribe", update.Subscribe.Count + update.Unsubscribe.Count > 0);
        return update;
    }

    private static IReadOnlyList<FeedSelector> Selectors(string name, Fields fields, bool required)
    {
        var selectors = fields.List(name, entry => new FeedSelector(entry.Id("feed", required: true), entry.Text("mid", LongestMid), LayersOf(entry)));
        fields.Require(name, !required || selectors.Count > 0);
        return selectors;
    }

    private static IReadOnlyList<FeedSelector> UnsubscribeSelectors(string name, Fields fields, bool required)
    {
        var selectors = fields.List(name, ReadUnsubscribed);
        fields.Require(name, !required || selectors.Count > 0);
        return selectors;
    }

    private static FeedSelector ReadUnsubscribed(Fields fields)
    {
        var own = fields.Text("sub_mid", LongestMid);
        return new(fields.Id("feed", required: own is null), fields.Text("mid", LongestMid), LayerWish.None, own);
    }
}
