namespace MediaNode.Core.Rtp;

/// <summary>Size of a picture in pixels; the default when it is not known.</summary>
public readonly record struct FrameSize(ushort Width, ushort Height)
{
    public bool IsKnown => Width > 0 && Height > 0;

    public int Pixels => Width * Height;

    /// <summary>Of the spatial layer so many above this one, or below: each has twice the width and height of the one before, as browsers scale unless told otherwise.</summary>
    public FrameSize Scaled(int layers) => layers >= 0 ? new(Clamp(Width << layers), Clamp(Height << layers)) : new((ushort)(Width >> -layers), (ushort)(Height >> -layers));

    private static ushort Clamp(int pixels) => (ushort)Math.Min(pixels, ushort.MaxValue);
}
