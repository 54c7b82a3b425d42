namespace MediaNode.Core.Rtp;

/// <summary>Synchronisation source of an RTP stream (RFC 3550 section 3).</summary>
public readonly record struct Ssrc(uint Value)
{
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>RTP payload type, 0 to 127.</summary>
public readonly record struct PayloadType(byte Value);

/// <summary>Media identification of an m-line (RFC 9143): at most 16 characters here.</summary>
public readonly record struct Mid(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Restriction identifier of a simulcast encoding (RFC 8851): at most 16 characters here.</summary>
public readonly record struct Rid(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Bits per second.</summary>
public readonly record struct Bitrate(long BitsPerSecond)
{
    public static Bitrate FromKilobits(long kilobitsPerSecond) => new(kilobitsPerSecond * 1000);
}

/// <summary>What an m-line carries.</summary>
public enum MediaKind
{
    Audio = 1,
    Video = 2,
    Data = 3,
}
