using System.Buffers.Binary;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>Reception report of one source (RFC 3550 section 6.4.1).</summary>
/// <param name="FractionLost">In 1/256 since the last report.</param>
/// <param name="CumulativeLost">24 bits signed: may be negative when packets are repeated.</param>
/// <param name="Jitter">In RTP timestamp units.</param>
/// <param name="LastSenderReport"><see cref="NtpTime.Middle"/> of the last SR received; 0 for none.</param>
/// <param name="DelaySinceLastSenderReport">In 1/65536 second.</param>
public readonly record struct ReportBlock(
    Ssrc Ssrc, byte FractionLost, int CumulativeLost, uint HighestSequenceNumber, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport)
{
    internal const int Size = 24;
    private const int LargestLost = 0x7F_FFFF;
    private const int SmallestLost = -0x80_0000;

    internal static ReportBlock Read(ReadOnlySpan<byte> source)
    {
        var lost = BinaryPrimitives.ReadInt32BigEndian(source[4..]);
        return new ReportBlock(
            RtcpPacketView.ReadSsrc(source),
            (byte)(lost >> 24),
            lost << 8 >> 8,
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[12..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[20..]));
    }

    internal void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, Ssrc.Value);
        var lost = Math.Clamp(CumulativeLost, SmallestLost, LargestLost) & 0xFF_FFFF;
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], (FractionLost << 24) | lost);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], HighestSequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Jitter);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], LastSenderReport);
        BinaryPrimitives.WriteUInt32BigEndian(destination[20..], DelaySinceLastSenderReport);
    }
}
