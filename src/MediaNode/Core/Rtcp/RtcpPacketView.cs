using System.Buffers.Binary;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>One packet of an RTCP compound, of any type; the bounds are checked, the padding is cut off.</summary>
public readonly ref struct RtcpPacketView
{
    internal const int HeaderSize = 4;

    /// <summary>In the first byte.</summary>
    internal const byte PaddingBit = 0x20;

    internal RtcpPacketView(ReadOnlySpan<byte> packet)
    {
        Bytes = packet;
    }

    /// <summary>Header and body without padding.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public RtcpPacketType Type => (RtcpPacketType)Bytes[1];

    /// <summary>The 5 bits that count reports or sources, or name the feedback message.</summary>
    public byte Count => (byte)(Bytes[0] & 0x1F);

    public ReadOnlySpan<byte> Body => Bytes[HeaderSize..];

    internal bool Is(RtcpPacketType type, byte format) => Type == type && Count == format;

    internal static Ssrc ReadSsrc(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt32BigEndian(source));
}
