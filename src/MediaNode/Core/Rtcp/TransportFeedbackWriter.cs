using System.Buffers.Binary;

namespace MediaNode.Core.Rtcp;

/// <summary>Encodes transport-wide feedback: runs where seven or more statuses are equal, else vectors of seven two-bit symbols.</summary>
internal static class TransportFeedbackWriter
{
    /// <summary>Writes the part behind the feedback header, padded to a word.</summary>
    /// <param name="arrivals">Consecutive sequence numbers.</param>
    /// <param name="padding">Bytes of RTCP padding at the end; their number is in the last one.</param>
    /// <returns>Bytes written; 0 when the destination is too small or a gap between two arrivals does not fit 16 bits (8 s).</returns>
    public static int Write(Span<byte> destination, byte feedbackCount, ReadOnlySpan<PacketArrival> arrivals, out int padding)
    {
        padding = 0;
        if (arrivals.Length is 0 or > TransportFeedbackView.MaximumStatuses || destination.Length < TransportFeedbackWire.FixedSize)
            return 0;
        var reference = Reference(arrivals);
        BinaryPrimitives.WriteUInt16BigEndian(destination, arrivals[0].SequenceNumber);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)arrivals.Length);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], (int)(reference << 8));
        destination[7] = feedbackCount;

        Span<byte> symbols = stackalloc byte[arrivals.Length];
        Span<byte> deltas = stackalloc byte[2 * arrivals.Length];
        if (!TryEncodeDeltas(arrivals, symbols, deltas, out var deltaBytes))
            return 0;
        if (!TryWriteChunks(destination, symbols, out var offset))
            return 0;
        var end = (offset + deltaBytes + 3) & ~3;
        if (destination.Length < end)
            return 0;
        deltas[..deltaBytes].CopyTo(destination[offset..]);
        padding = end - offset - deltaBytes;
        destination[(end - padding)..end].Clear();
        if (padding > 0)
            destination[end - 1] = (byte)padding;
        return end;
    }

    /// <summary>The first arrival rounded down to 64 ms; 24 bits signed.</summary>
    private static long Reference(ReadOnlySpan<PacketArrival> arrivals)
    {
        foreach (var arrival in arrivals)
        {
            if (arrival.IsReceived)
                return (long)Math.Floor((double)arrival.Time.Ticks / TransportFeedbackWire.TicksPerReference) << 40 >> 40;
        }

        return 0;
    }

    private static bool TryEncodeDeltas(ReadOnlySpan<PacketArrival> arrivals, Span<byte> symbols, Span<byte> deltas, out int deltaBytes)
    {
        deltaBytes = 0;
        var isFirst = true;
        var previous = 0L;
        for (var i = 0; i < arrivals.Length; i++)
        {
            symbols[i] = TransportFeedbackWire.NotReceived;
            if (!arrivals[i].IsReceived)
                continue;
            var time = (long)Math.Floor((double)arrivals[i].Time.Ticks / TransportFeedbackWire.TicksPerDelta);
            // The reference wraps at 24 bits; the first delta is what it leaves of the first time.
            var delta = isFirst ? time & (TransportFeedbackWire.DeltasPerReference - 1) : time - previous;
            (isFirst, previous) = (false, time);
            if (delta is < short.MinValue or > short.MaxValue)
                return false;
            symbols[i] = (byte)(delta is >= 0 and <= byte.MaxValue ? TransportFeedbackWire.SmallDelta : TransportFeedbackWire.LargeDelta);
            if (symbols[i] == TransportFeedbackWire.SmallDelta)
                deltas[deltaBytes] = (byte)delta;
            else
                BinaryPrimitives.WriteInt16BigEndian(deltas[deltaBytes..], (short)delta);
            deltaBytes += symbols[i];
        }

        return true;
    }

    private static bool TryWriteChunks(Span<byte> destination, ReadOnlySpan<byte> symbols, out int offset)
    {
        offset = TransportFeedbackWire.FixedSize;
        while (!symbols.IsEmpty)
        {
            if (destination.Length < offset + TransportFeedbackWire.ChunkSize)
                return false;
            var run = symbols.IndexOfAnyExcept(symbols[0]);
            run = run < 0 ? symbols.Length : run;
            var taken = run >= TransportFeedbackWire.SymbolsPerTwoBitVector ? run : Math.Min(TransportFeedbackWire.SymbolsPerTwoBitVector, symbols.Length);
            var chunk = run >= TransportFeedbackWire.SymbolsPerTwoBitVector ? (symbols[0] << 13) | run : Vector(symbols[..taken]);
            BinaryPrimitives.WriteUInt16BigEndian(destination[offset..], (ushort)chunk);
            offset += TransportFeedbackWire.ChunkSize;
            symbols = symbols[taken..];
        }

        return true;
    }

    private static int Vector(ReadOnlySpan<byte> symbols)
    {
        var chunk = 0xC000;
        for (var i = 0; i < symbols.Length; i++)
            chunk |= symbols[i] << (2 * (TransportFeedbackWire.SymbolsPerTwoBitVector - 1 - i));
        return chunk;
    }
}
