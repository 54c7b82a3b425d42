using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>Which TSNs have arrived: all up to the cumulative one, and a window of bits after it.</summary>
internal sealed class ReceivedTsns(Tsn initialTsn)
{
    /// <summary>Gap blocks of one SACK. What lies behind is reported by a later one.</summary>
    private const int MaximumGapBlocks = 64;

    private const int Window = SctpLimits.ReceiveWindowTsns;

    private readonly ulong[] _bits = new ulong[Window / 64];
    private int _highest;

    /// <summary>Everything up to here has arrived.</summary>
    public Tsn CumulativeTsn { get; private set; } = initialTsn.Plus(-1);

    public bool HasGaps => _highest > 0;

    public bool IsInWindow(Tsn tsn) => tsn.Since(CumulativeTsn) is > 0 and < Window;

    public bool Has(Tsn tsn) => !tsn.IsAfter(CumulativeTsn) || (IsInWindow(tsn) && Get(tsn));

    /// <summary>Notes a new TSN inside the window.</summary>
    public void Add(Tsn tsn)
    {
        Set(tsn, true);
        _highest = Math.Max(_highest, tsn.Since(CumulativeTsn));
        Advance();
    }

    /// <summary>The sender has given up everything up to here (RFC 3758 section 3.6).</summary>
    public void AdvanceTo(Tsn tsn)
    {
        while (CumulativeTsn.IsBefore(tsn) && _highest > 0)
            Step();
        if (CumulativeTsn.IsBefore(tsn))
            CumulativeTsn = tsn;
        Advance();
    }

    /// <summary>Writes the gap blocks (RFC 9260 section 3.3.4).</summary>
    /// <returns>How many.</returns>
    public int WriteGapBlocks(Span<byte> destination)
    {
        var limit = Math.Min(destination.Length / 4, MaximumGapBlocks);
        var count = 0;
        for (var offset = 1; offset <= _highest && count < limit; offset++)
        {
            if (!Get(CumulativeTsn.Plus(offset)))
                continue;
            var start = offset;
            while (offset < _highest && Get(CumulativeTsn.Plus(offset + 1)))
                offset++;
            BinaryPrimitives.WriteUInt16BigEndian(destination[(4 * count)..], (ushort)start);
            BinaryPrimitives.WriteUInt16BigEndian(destination[(4 * count + 2)..], (ushort)offset);
            count++;
        }
        return count;
    }

    private void Advance()
    {
        while (_highest > 0 && Get(CumulativeTsn.Next))
            Step();
    }

    private void Step()
    {
        CumulativeTsn = CumulativeTsn.Next;
        Set(CumulativeTsn, false);
        _highest--;
    }

    private bool Get(Tsn tsn) => (_bits[tsn.Value % Window / 64] & (1UL << (int)(tsn.Value % 64))) != 0;

    private void Set(Tsn tsn, bool value)
    {
        var bit = 1UL << (int)(tsn.Value % 64);
        ref var word = ref _bits[tsn.Value % Window / 64];
        word = value ? word | bit : word & ~bit;
    }
}
