using System.Buffers.Binary;
using System.Numerics;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>
/// Writes the packets of one RTCP datagram, one behind the other. A buffer that is too small, or a list longer than a count field, is the
/// caller's mistake and throws.
/// </summary>
public ref struct RtcpWriter(Span<byte> buffer)
{
    /// <summary>What the 5-bit count of a packet can say.</summary>
    public const int MaximumCount = 31;

    /// <summary>Sources per REMB: its count is a byte.</summary>
    public const int MaximumBandwidthSources = 255;

    private const int MaximumCnameBytes = 255;

    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>RFC 3550 section 6.4.1.</summary>
    public void WriteSenderReport(in SenderInfo sender, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var body = Reserve(RtcpPacketType.SenderReport, blocks.Length, SenderReportView.SenderInfoSize + blocks.Length * ReportBlock.Size);
        BinaryPrimitives.WriteUInt32BigEndian(body, sender.Ssrc.Value);
        BinaryPrimitives.WriteUInt64BigEndian(body[4..], sender.NtpTime.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[12..], sender.RtpTimestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[16..], sender.PacketCount);
        BinaryPrimitives.WriteUInt32BigEndian(body[20..], sender.OctetCount);
        WriteBlocks(body[SenderReportView.SenderInfoSize..], blocks);
    }

    /// <summary>RFC 3550 section 6.4.2.</summary>
    public void WriteReceiverReport(Ssrc sender, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        var body = Reserve(RtcpPacketType.ReceiverReport, blocks.Length, 4 + blocks.Length * ReportBlock.Size);
        BinaryPrimitives.WriteUInt32BigEndian(body, sender.Value);
        WriteBlocks(body[4..], blocks);
    }

    /// <summary>One chunk with CNAME (RFC 3550 section 6.5.1).</summary>
    /// <param name="cname">UTF-8, at most 255 bytes.</param>
    public void WriteSourceDescription(Ssrc ssrc, scoped ReadOnlySpan<byte> cname)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cname.Length, MaximumCnameBytes);
        // At least one zero byte ends the items.
        var body = Reserve(RtcpPacketType.SourceDescription, 1, (4 + 2 + cname.Length + 4) & ~3);
        body.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(body, ssrc.Value);
        body[4] = SourceDescriptionView.CnameItem;
        body[5] = (byte)cname.Length;
        cname.CopyTo(body[6..]);
    }

    /// <summary>RFC 3550 section 6.6.</summary>
    public void WriteGoodbye(scoped ReadOnlySpan<Ssrc> sources) =>
        WriteSources(Reserve(RtcpPacketType.Goodbye, sources.Length, 4 * sources.Length), sources);

    /// <summary>Generic NACK (RFC 4585 section 6.2.1).</summary>
    /// <param name="lost">In order of sequence, so that neighbours share an item; not empty.</param>
    public void WriteNack(FeedbackHeader header, scoped ReadOnlySpan<ushort> lost)
    {
        var items = 0;
        for (var rest = lost; !rest.IsEmpty; items++)
            TakeNackItem(ref rest);
        var information = ReserveFeedback(RtcpPacketType.TransportFeedback, RtcpFeedbackFormat.GenericNack, header, items * NackView.ItemSize);
        for (var i = 0; i < items; i++)
            BinaryPrimitives.WriteUInt32BigEndian(information[(i * NackView.ItemSize)..], TakeNackItem(ref lost));
    }

    /// <summary>RFC 4585 section 6.3.1.</summary>
    public void WritePictureLoss(FeedbackHeader header) => ReserveFeedback(RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.PictureLoss, header, 0);

    /// <summary>RFC 5104 section 4.3.1: the media SSRC of the header is zero.</summary>
    public void WriteFullIntraRequest(Ssrc sender, scoped ReadOnlySpan<FullIntraRequest> requests)
    {
        var header = new FeedbackHeader(sender, default);
        var information = ReserveFeedback(RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.FullIntraRequest, header, requests.Length * FullIntraRequestView.ItemSize);
        information.Clear();
        for (var i = 0; i < requests.Length; i++)
        {
            var item = information[(i * FullIntraRequestView.ItemSize)..];
            BinaryPrimitives.WriteUInt32BigEndian(item, requests[i].Ssrc.Value);
            item[4] = requests[i].SequenceNumber;
        }
    }

    /// <summary>REMB. The value is rounded down to the 18 bits of the mantissa.</summary>
    public void WriteReceiverBandwidth(Ssrc sender, Bitrate bitrate, scoped ReadOnlySpan<Ssrc> sources)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bitrate.BitsPerSecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sources.Length, MaximumBandwidthSources);
        var header = new FeedbackHeader(sender, default);
        var information = ReserveFeedback(RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.ApplicationLayer, header, ReceiverBandwidthView.FixedSize + 4 * sources.Length);
        var exponent = Math.Max(0, 64 - BitOperations.LeadingZeroCount((ulong)bitrate.BitsPerSecond) - ReceiverBandwidthView.MantissaBits);
        var mantissa = bitrate.BitsPerSecond >> exponent;
        BinaryPrimitives.WriteUInt32BigEndian(information, ReceiverBandwidthView.Identifier);
        BinaryPrimitives.WriteUInt32BigEndian(information[4..], (uint)((sources.Length << 24) | (exponent << 18)) | (uint)mantissa);
        WriteSources(information[ReceiverBandwidthView.FixedSize..], sources);
    }

    /// <summary>Transport-wide feedback on packets with consecutive sequence numbers.</summary>
    /// <returns>False, and nothing written, when the buffer is too small, the list is empty or longer than
    /// <see cref="TransportFeedbackView.MaximumStatuses"/>, or two arrivals are more than 8 s apart: report on fewer packets then.</returns>
    public bool TryWriteTransportFeedback(FeedbackHeader header, byte feedbackCount, scoped ReadOnlySpan<PacketArrival> arrivals)
    {
        const int before = RtcpPacketView.HeaderSize + FeedbackHeader.Size;
        if (_buffer.Length < Length + before)
            return false;
        var size = TransportFeedbackWriter.Write(_buffer[(Length + before)..], feedbackCount, arrivals, out var padding);
        if (size == 0)
            return false;
        var start = Length;
        ReserveFeedback(RtcpPacketType.TransportFeedback, RtcpFeedbackFormat.TransportWide, header, size);
        if (padding > 0)
            _buffer[start] |= RtcpPacketView.PaddingBit;
        return true;
    }

    /// <summary>A packet identifier and the bits of the up to 16 lost packets that follow it.</summary>
    private static uint TakeNackItem(scoped ref ReadOnlySpan<ushort> lost)
    {
        var first = lost[0];
        var following = 0;
        var taken = 1;
        for (; taken < lost.Length; taken++)
        {
            var distance = (ushort)(lost[taken] - first);
            if (distance is 0 or > 16)
                break;
            following |= 1 << (distance - 1);
        }

        lost = lost[taken..];
        return (uint)((first << 16) | following);
    }

    private static void WriteBlocks(Span<byte> destination, scoped ReadOnlySpan<ReportBlock> blocks)
    {
        for (var i = 0; i < blocks.Length; i++)
            blocks[i].Write(destination[(i * ReportBlock.Size)..]);
    }

    private static void WriteSources(Span<byte> destination, scoped ReadOnlySpan<Ssrc> sources)
    {
        for (var i = 0; i < sources.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(destination[(4 * i)..], sources[i].Value);
    }

    private Span<byte> ReserveFeedback(RtcpPacketType type, byte format, FeedbackHeader header, int size)
    {
        var body = Reserve(type, format, FeedbackHeader.Size + size);
        BinaryPrimitives.WriteUInt32BigEndian(body, header.Sender.Value);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], header.Media.Value);
        return body[FeedbackHeader.Size..];
    }

    private Span<byte> Reserve(RtcpPacketType type, int count, int bodySize)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaximumCount);
        var packet = _buffer.Slice(Length, RtcpPacketView.HeaderSize + bodySize);
        packet[0] = (byte)(0x80 | count);
        packet[1] = (byte)type;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)(packet.Length / 4 - 1));
        Length += packet.Length;
        return packet[RtcpPacketView.HeaderSize..];
    }
}
