using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Announces the sources of an m-line that sends: a=msid, a=ssrc, the FID group of a source with retransmissions, and the SIM group of several encodings.</summary>
internal static class SourceLines
{
    public static MediaDescription Add(MediaDescription line, ImmutableArray<SourcePair> sources, string cname, string streamId, string trackId)
    {
        var pairs = sources.Where(source => source.Retransmission is not null).Select(source => new MediaSourceGroup("FID", [source.Primary, source.Retransmission!.Value]));
        var layers = new MediaSourceGroup("SIM", [.. sources.Select(source => source.Primary)]);
        return line with
        {
            StreamId = new MediaStreamId(streamId, trackId),
            Sources = [.. sources.SelectMany(Both).Select(ssrc => new MediaSource(ssrc, cname, $"{streamId} {trackId}"))],
            SourceGroups = sources.Length > 1 ? [layers, .. pairs] : [.. pairs],
        };
    }

    private static IEnumerable<Ssrc> Both(SourcePair source) => source.Retransmission is { } rtx ? [source.Primary, rtx] : [source.Primary];
}
