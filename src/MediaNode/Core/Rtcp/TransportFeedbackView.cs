using System.Buffers.Binary;

namespace MediaNode.Core.Rtcp;

/// <summary>Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).</summary>
public readonly ref struct TransportFeedbackView
{
    /// <summary>Packets per feedback message. Receivers report every 50 to 250 ms: this is beyond a hundred megabits per second.</summary>
    public const int MaximumStatuses = 4096;

    private readonly ReadOnlySpan<byte> _chunks;
    private readonly ReadOnlySpan<byte> _deltas;
    private readonly int _referenceTime;

    private TransportFeedbackView(FeedbackHeader header, ReadOnlySpan<byte> information, int chunkBytes)
    {
        Header = header;
        BaseSequenceNumber = BinaryPrimitives.ReadUInt16BigEndian(information);
        StatusCount = BinaryPrimitives.ReadUInt16BigEndian(information[2..]);
        // 24 bits, signed.
        _referenceTime = BinaryPrimitives.ReadInt32BigEndian(information[4..]) >> 8;
        FeedbackCount = information[7];
        _chunks = information.Slice(TransportFeedbackWire.FixedSize, chunkBytes);
        _deltas = information[(TransportFeedbackWire.FixedSize + chunkBytes)..];
    }

    public FeedbackHeader Header { get; }

    public ushort BaseSequenceNumber { get; }

    /// <summary>How many consecutive packets are reported on.</summary>
    public int StatusCount { get; }

    /// <summary>Counts feedback messages, so that a lost one is noticed.</summary>
    public byte FeedbackCount { get; }

    public TimeSpan ReferenceTime => TimeSpan.FromTicks(_referenceTime * TransportFeedbackWire.TicksPerReference);

    /// <summary>Copies what the receiver says of each packet, in order of sequence: as many as fit.</summary>
    public int CopyTo(Span<PacketArrival> destination)
    {
        var symbols = new StatusSymbols(_chunks, StatusCount);
        var time = ReferenceTime.Ticks;
        var offset = 0;
        var count = 0;
        while (count < destination.Length && symbols.MoveNext())
        {
            if (symbols.Current == TransportFeedbackWire.SmallDelta)
                time += _deltas[offset] * TransportFeedbackWire.TicksPerDelta;
            else if (symbols.Current == TransportFeedbackWire.LargeDelta)
                time += BinaryPrimitives.ReadInt16BigEndian(_deltas[offset..]) * TransportFeedbackWire.TicksPerDelta;
            offset += symbols.Current;
            var isReceived = symbols.Current != TransportFeedbackWire.NotReceived;
            destination[count] = new PacketArrival((ushort)(BaseSequenceNumber + count), isReceived, isReceived ? TimeSpan.FromTicks(time) : default);
            count++;
        }

        return count;
    }

    public static bool TryParse(RtcpPacketView packet, out TransportFeedbackView view, out ParseFailure failure)
    {
        view = default;
        failure = FeedbackHeader.TryRead(packet, RtcpPacketType.TransportFeedback, RtcpFeedbackFormat.TransportWide, out var header, out var information);
        if (failure != ParseFailure.None)
            return false;
        if (information.Length < TransportFeedbackWire.FixedSize)
        {
            failure = ParseFailure.Truncated;
            return false;
        }

        failure = Check(information, out var chunkBytes);
        if (failure != ParseFailure.None)
            return false;
        view = new TransportFeedbackView(header, information, chunkBytes);
        return true;
    }

    private static ParseFailure Check(ReadOnlySpan<byte> information, out int chunkBytes)
    {
        chunkBytes = 0;
        var statusCount = BinaryPrimitives.ReadUInt16BigEndian(information[2..]);
        if (statusCount == 0)
            return ParseFailure.WrongValue;
        if (statusCount > MaximumStatuses)
            return ParseFailure.TooMany;
        var symbols = new StatusSymbols(information[TransportFeedbackWire.FixedSize..], statusCount);
        var seen = 0;
        var deltaBytes = 0;
        for (; symbols.MoveNext(); seen++)
        {
            if (symbols.Current > TransportFeedbackWire.LargeDelta)
                return ParseFailure.WrongValue;
            deltaBytes += symbols.Current;
        }

        chunkBytes = symbols.ConsumedBytes;
        return seen < statusCount || deltaBytes > information.Length - TransportFeedbackWire.FixedSize - chunkBytes ? ParseFailure.Truncated : ParseFailure.None;
    }
}
