using System.Buffers.Binary;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

internal enum DataOutcome
{
    Taken,
    Duplicate,

    /// <summary>Outside of the window, or no room: not taken, and the peer will send it again.</summary>
    NotTaken,

    /// <summary>On a stream that was not agreed: acknowledged, so that it is not sent again, and dropped (RFC 9260 section 6.5).</summary>
    InvalidStream,

    /// <summary>Against the protocol: the association ends.</summary>
    Violation,
}

/// <summary>The receiving half of an established association: takes DATA in, and says when a SACK is due (RFC 9260 section 6.2).</summary>
/// <param name="initialTsn">Of the peer.</param>
/// <param name="streams">How many it may send on; each costs a little for as long as the association lasts.</param>
internal sealed class Receiver(Tsn initialTsn, int streams)
{
    /// <summary>RFC 9260 section 6.2: a SACK at the latest with every second packet.</summary>
    private const int PacketsPerSack = 2;

    /// <summary>Duplicates reported in one SACK; they only inform.</summary>
    private const int MaximumDuplicates = 8;

    private readonly ReceivedTsns _tsns = new(initialTsn);
    private readonly Reassembly _reassembly = new();
    private readonly Tsn[] _duplicates = new Tsn[MaximumDuplicates];
    private int _duplicateCount;
    private int _packetsSinceSack;
    private bool _packetHadData;
    private bool _sackAtOnce;

    public Tsn CumulativeTsn => _tsns.CumulativeTsn;

    /// <summary>A SACK belongs into the next packet.</summary>
    public bool IsSackDue { get; private set; }

    /// <summary>When it is due otherwise.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>Bytes that the peer may still send.</summary>
    private int Window => Math.Max(0, SctpLimits.ReceiveBufferBytes - _reassembly.Bytes);

    public DataOutcome HandleData(in DataChunkView data)
    {
        _packetHadData = true;
        _sackAtOnce |= data.WantsSackAtOnce;
        if (_tsns.Has(data.Tsn))
        {
            _sackAtOnce = true;
            if (_duplicateCount < MaximumDuplicates)
                _duplicates[_duplicateCount++] = data.Tsn;
            return DataOutcome.Duplicate;
        }
        if (!_tsns.IsInWindow(data.Tsn) || !HasRoom(data))
        {
            _sackAtOnce = true;
            return DataOutcome.NotTaken;
        }
        var hadGaps = _tsns.HasGaps;
        _tsns.Add(data.Tsn);
        // RFC 9260 section 6.7: at once when a gap appears, changes or is filled.
        _sackAtOnce |= hadGaps || _tsns.HasGaps;
        if (data.StreamId >= streams)
            return DataOutcome.InvalidStream;
        return _reassembly.TryAdd(data) ? DataOutcome.Taken : DataOutcome.Violation;
    }

    public void HandleForwardTsn(in ForwardTsnView forward)
    {
        _packetHadData = true;
        _sackAtOnce = true;
        var tsn = forward.NewCumulativeTsn;
        if (!tsn.IsAfter(CumulativeTsn))
            return;
        _reassembly.RemoveUpTo(tsn);
        _tsns.AdvanceTo(tsn);
        for (var i = 0; i < forward.StreamCount; i++)
        {
            var (streamId, number) = forward.Stream(i);
            if (streamId < streams)
                _reassembly.Skip(streamId, number);
        }
    }

    /// <summary>The packet's chunks have been handled.</summary>
    public void EndPacket(Instant now)
    {
        if (!_packetHadData)
            return;
        _packetHadData = false;
        if (_sackAtOnce || ++_packetsSinceSack >= PacketsPerSack)
            IsSackDue = true;
        else
            Deadline = now + SctpLimits.SackDelay;
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= Deadline)
            IsSackDue = true;
    }

    public void RequestSack() => IsSackDue = true;

    public bool TryTake(out ReceivedMessage message) => _reassembly.TryTake(out message);

    public void ResetStream(ushort streamId) => _reassembly.Reset(streamId);

    public void WriteSack(ref SctpPacketWriter writer)
    {
        Span<byte> gaps = stackalloc byte[Math.Min(256, writer.Room - 64)];
        var blocks = _tsns.WriteGapBlocks(gaps);
        var value = writer.AddChunk(ChunkType.Sack, 0, 12 + 4 * (blocks + _duplicateCount));
        BinaryPrimitives.WriteUInt32BigEndian(value, CumulativeTsn.Value);
        BinaryPrimitives.WriteUInt32BigEndian(value[4..], (uint)Window);
        BinaryPrimitives.WriteUInt16BigEndian(value[8..], (ushort)blocks);
        BinaryPrimitives.WriteUInt16BigEndian(value[10..], (ushort)_duplicateCount);
        gaps[..(4 * blocks)].CopyTo(value[12..]);
        for (var i = 0; i < _duplicateCount; i++)
            BinaryPrimitives.WriteUInt32BigEndian(value[(12 + 4 * (blocks + i))..], _duplicates[i].Value);
        _duplicateCount = 0;
        _packetsSinceSack = 0;
        _sackAtOnce = false;
        IsSackDue = false;
        Deadline = Instant.Never;
    }

    /// <summary>
    /// What comes next in order is taken a little beyond the window: it may be what everything else waits for. Whoever sends messages whose
    /// predecessors never come fills the buffer for good, and harms nobody else.
    /// </summary>
    private bool HasRoom(in DataChunkView data)
    {
        var isNext = data.Tsn == CumulativeTsn.Next;
        var bytes = _reassembly.Bytes + data.UserData.Length;
        return bytes <= SctpLimits.ReceiveBufferBytes + (isNext ? SctpLimits.MessageBytes : 0)
            && _reassembly.Pieces < SctpLimits.ReceiveBufferPieces + (isNext ? SctpLimits.ReceiveBufferPieces : 0);
    }
}
