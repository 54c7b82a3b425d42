using System.Buffers.Binary;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>What a sender says of its own stream (RFC 3550 section 6.4.1).</summary>
public readonly record struct SenderInfo(Ssrc Ssrc, NtpTime NtpTime, RtpTimestamp RtpTimestamp, uint PacketCount, uint OctetCount);

/// <summary>Sender report (RFC 3550 section 6.4.1).</summary>
public readonly ref struct SenderReportView
{
    internal const int SenderInfoSize = 24;

    private SenderReportView(ReadOnlySpan<byte> body, int blocks)
    {
        Sender = new SenderInfo(
            RtcpPacketView.ReadSsrc(body),
            new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(body[4..])),
            new RtpTimestamp(BinaryPrimitives.ReadUInt32BigEndian(body[12..])),
            BinaryPrimitives.ReadUInt32BigEndian(body[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(body[20..]));
        Blocks = new ReportBlocks(body.Slice(SenderInfoSize, blocks * ReportBlock.Size));
    }

    public SenderInfo Sender { get; }

    public ReportBlocks Blocks { get; }

    public static bool TryParse(RtcpPacketView packet, out SenderReportView view, out ParseFailure failure)
    {
        failure = packet.Type != RtcpPacketType.SenderReport ? ParseFailure.WrongType
            : packet.Body.Length < SenderInfoSize + packet.Count * ReportBlock.Size ? ParseFailure.Truncated
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new SenderReportView(packet.Body, packet.Count) : default;
        return failure == ParseFailure.None;
    }
}

/// <summary>Receiver report (RFC 3550 section 6.4.2).</summary>
public readonly ref struct ReceiverReportView
{
    private ReceiverReportView(ReadOnlySpan<byte> body, int blocks)
    {
        Sender = RtcpPacketView.ReadSsrc(body);
        Blocks = new ReportBlocks(body.Slice(4, blocks * ReportBlock.Size));
    }

    public Ssrc Sender { get; }

    public ReportBlocks Blocks { get; }

    public static bool TryParse(RtcpPacketView packet, out ReceiverReportView view, out ParseFailure failure)
    {
        failure = packet.Type != RtcpPacketType.ReceiverReport ? ParseFailure.WrongType
            : packet.Body.Length < 4 + packet.Count * ReportBlock.Size ? ParseFailure.Truncated
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new ReceiverReportView(packet.Body, packet.Count) : default;
        return failure == ParseFailure.None;
    }
}

/// <summary>The report blocks of a report: at most 31.</summary>
public readonly ref struct ReportBlocks
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal ReportBlocks(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int Count => _bytes.Length / ReportBlock.Size;

    public ReportBlock this[int index] => ReportBlock.Read(_bytes[(index * ReportBlock.Size)..]);
}
