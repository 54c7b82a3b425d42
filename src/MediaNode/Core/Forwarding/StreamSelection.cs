using MediaNode.Core.Sdp;

namespace MediaNode.Core.Forwarding;

/// <summary>Something of a publisher that can be subscribed to: a track, or its data channels.</summary>
/// <param name="Publisher">Whose.</param>
/// <param name="Track">Null for data channels.</param>
/// <param name="Stream">How it is described to others.</param>
/// <param name="Layers">Which layers of it are wanted; null for what is wanted already, or all.</param>
internal sealed record SelectedStream(PublisherPeer Publisher, PublishedTrack? Track, StreamInfo Stream, LayerWish? Layers);

/// <summary>Finds the streams that a subscriber asked for.</summary>
internal static class StreamSelection
{
    /// <summary>M-lines of one subscribing peer; each costs the client a transceiver.</summary>
    public const int MaximumStreams = SdpLimits.MediaLines;

    public static bool TryFind(Room room, IReadOnlyList<StreamWish> wishes, out List<SelectedStream> found, out CommandFailure failure)
    {
        found = [];
        failure = null!;
        foreach (var wish in wishes)
        {
            if (room.Find(wish.PublisherId) is not { IsPublishing: true, Publisher: { } publisher })
                failure = CommandFailure.NotFound($"participant {wish.PublisherId} is not publishing in room {room.Id}");
            else if (!TryAdd(publisher, wish, found))
                failure = CommandFailure.NotFound($"publisher {wish.PublisherId} has no stream with mid \"{wish.Mid}\"");
            else if (found.Count > MaximumStreams)
                failure = CommandFailure.LimitReached($"more than {MaximumStreams} streams for one peer");
            if (failure is not null)
                return false;
        }
        return true;
    }

    private static bool TryAdd(PublisherPeer publisher, StreamWish wish, List<SelectedStream> found)
    {
        var before = found.Count;
        foreach (var stream in publisher.Streams)
        {
            if (wish.Mid is null || stream.Mid == wish.Mid)
                found.Add(new(publisher, publisher.Tracks.FirstOrDefault(track => track.Mid == stream.Mid), stream, wish.Layers));
        }
        return found.Count > before || wish.Mid is null;
    }
}
