using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>How much of a video track: everything up to and including these layers.</summary>
/// <param name="Spatial">The simulcast encoding by rank, 0 the smallest picture; with one encoding in several spatial layers (SVC), the spatial layer.</param>
/// <param name="Temporal">Temporal layer, 0 the lowest frame rate.</param>
internal readonly record struct Layer(byte Spatial, byte Temporal)
{
    /// <summary>Layers of each sort that are told apart; higher ones count as the highest. No encoder in use makes more.</summary>
    public const int MaximumSpatial = 4;
    public const int MaximumTemporal = 4;

    /// <summary>Everything that comes.</summary>
    public static readonly Layer All = new(byte.MaxValue, byte.MaxValue);

    /// <summary>The lower one of each sort.</summary>
    public static Layer Min(Layer left, Layer right) => new(Math.Min(left.Spatial, right.Spatial), Math.Min(left.Temporal, right.Temporal));
}

/// <summary>One of the ways in which a track can be sent.</summary>
/// <param name="Layer">What <see cref="DownTrack.Allow"/> takes to have it.</param>
/// <param name="Bitrate">What it costs: measured over the last second, all lower layers that it needs included, RTP headers too.</param>
/// <param name="FramesPerSecond">Measured over the last second.</param>
/// <param name="IsExpected">Does not come now, because the publisher was told that nobody watches it; its bitrate is what it took when it came, or a guess.</param>
internal readonly record struct LayerOption(Layer Layer, Bitrate Bitrate, double FramesPerSecond, bool IsExpected = false);
