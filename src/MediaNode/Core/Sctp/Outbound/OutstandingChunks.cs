using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

internal enum ChunkState : byte
{
    InFlight,
    /// <summary>Lost, as far as known: to be sent again.</summary>
    Lost,
    /// <summary>Reported in a gap block. The peer may take that back until the cumulative TSN has passed it (RFC 9260 section 6.2.1).</summary>
    Acknowledged,
    /// <summary>RFC 3758: not sent any more; FORWARD TSN takes the peer past it.</summary>
    Abandoned,
}

/// <summary>A fragment that has a TSN.</summary>
internal struct OutstandingChunk
{
    public OutboundMessage Message;
    public int Offset;
    public int Length;
    public ChunkState State;
    public bool IsEnd;
    public bool WasFastRetransmitted;
    public byte MissingReports;
    public ushort Transmits;
    public uint ReportedBy;
    public Instant SentAt;
}

/// <summary>All fragments between the peer's cumulative TSN and the last one sent: a ring in the order of their TSNs.</summary>
internal sealed class OutstandingChunks
{
    private OutstandingChunk[] _ring = new OutstandingChunk[16];
    private int _first;

    public int Count { get; private set; }

    public bool IsFull => Count >= SctpLimits.OutstandingChunks;

    /// <param name="index">0 is the oldest.</param>
    public ref OutstandingChunk this[int index] => ref _ring[(_first + index) & (_ring.Length - 1)];

    public ref OutstandingChunk Add()
    {
        if (Count == _ring.Length)
            Grow();
        ref var chunk = ref this[Count++];
        chunk = default;
        return ref chunk;
    }

    public void RemoveFirst()
    {
        this[0] = default;
        _first = (_first + 1) & (_ring.Length - 1);
        Count--;
    }

    private void Grow()
    {
        var larger = new OutstandingChunk[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = this[i];
        _ring = larger;
        _first = 0;
    }
}
