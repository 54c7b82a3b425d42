namespace MediaNode.Core.Rtp;

/// <summary>The codecs that are forwarded. The numbers are internal; SDP and signalling use names.</summary>
public enum Codec : byte
{
    None = 0,
    Opus,
    Vp8,
    Vp9,
    H264,
    Av1,
}

/// <summary>Names of the codecs as signalling writes them.</summary>
public static class CodecNames
{
    /// <summary>The codec of such a name.</summary>
    public static bool TryFind(string name, out Codec codec)
    {
        foreach (var known in Enum.GetValues<Codec>())
        {
            if (known == Codec.None || known.Name() != name)
                continue;
            codec = known;
            return true;
        }
        codec = Codec.None;
        return false;
    }

    /// <summary>Lower case; empty for none.</summary>
    public static string Name(this Codec codec) => codec switch
    {
        Codec.Opus => "opus",
        Codec.Vp8 => "vp8",
        Codec.Vp9 => "vp9",
        Codec.H264 => "h264",
        Codec.Av1 => "av1",
        _ => "",
    };
}
