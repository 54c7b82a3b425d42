using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>Most that a subscriber has room for on its screen, in pixels; 0 in a direction without a limit.</summary>
internal readonly record struct MaximumSize(ushort Width, ushort Height)
{
    public bool IsLimited => Width > 0 || Height > 0;

    public bool Holds(FrameSize size) => (Width == 0 || size.Width <= Width) && (Height == 0 || size.Height <= Height);
}
