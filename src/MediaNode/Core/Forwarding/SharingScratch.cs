using MediaNode.Core.Congestion;
using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>Room in which one subscriber's bandwidth is shared out; one for all peers of an engine, since it is used by one at a time.</summary>
internal sealed class SharingScratch
{
    private const int MaximumOptions = StreamSelection.MaximumStreams * TrackLayers.MaximumOptions;

    public DownTrack[] Tracks { get; } = new DownTrack[StreamSelection.MaximumStreams];

    public VideoDemand[] Demands { get; } = new VideoDemand[StreamSelection.MaximumStreams];

    public int[] Before { get; } = new int[StreamSelection.MaximumStreams];

    public LayerOption[] Options { get; } = new LayerOption[MaximumOptions];

    public Bitrate[] Bitrates { get; } = new Bitrate[MaximumOptions];
}
