namespace MediaNode.Core.Sdp;

/// <summary>Announces the sources of an m-line that sends: a=msid, a=ssrc and the FID group of a source with retransmissions.</summary>
internal static class SourceLines
{
    public static MediaDescription Add(MediaDescription line, SourcePair source, string cname, string streamId, string trackId)
    {
        var primary = new MediaSource(source.Primary, cname, $"{streamId} {trackId}");
        return line with
        {
            StreamId = new MediaStreamId(streamId, trackId),
            Sources = source.Retransmission is { } rtx ? [primary, primary with { Ssrc = rtx }] : [primary],
            SourceGroups = source.Retransmission is { } partner ? [new MediaSourceGroup("FID", [source.Primary, partner])] : [],
        };
    }
}
