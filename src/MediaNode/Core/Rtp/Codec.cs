namespace MediaNode.Core.Rtp;

/// <summary>The codecs that are forwarded. The numbers are internal; SDP and signalling use names.</summary>
public enum Codec
{
    None = 0,
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}
