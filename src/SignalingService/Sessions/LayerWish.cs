using MediaNode.Control.V1;

namespace SignalingService.Sessions;

/// <summary>The most that a subscriber wants of a video; null leaves what it was.</summary>
/// <param name="Substream">Highest simulcast layer, or spatial layer of SVC; 0 the lowest.</param>
/// <param name="Temporal">Highest temporal layer.</param>
/// <param name="MaximumWidth">Of the picture, in pixels; 0 for any.</param>
/// <param name="MaximumHeight">The same.</param>
internal sealed record LayerWish(uint? Substream, uint? Temporal, uint? MaximumWidth, uint? MaximumHeight)
{
    public static readonly LayerWish None = new(null, null, null, null);

    public void Put(StreamConfiguration stream)
    {
        if (Substream is { } substream)
            stream.Substream = substream;
        if (Temporal is { } temporal)
            stream.TemporalLayer = temporal;
        if (MaximumWidth is { } width)
            stream.MaxWidth = width;
        if (MaximumHeight is { } height)
            stream.MaxHeight = height;
    }

    public void Put(StreamSelector stream)
    {
        if (Substream is { } substream)
            stream.Substream = substream;
        if (Temporal is { } temporal)
            stream.TemporalLayer = temporal;
        if (MaximumWidth is { } width)
            stream.MaxWidth = width;
        if (MaximumHeight is { } height)
            stream.MaxHeight = height;
    }
}
