namespace MediaNode.Core.Sctp;

/// <summary>Puts messages together and in order (RFC 9260 sections 6.5, 6.6 and 6.9).</summary>
internal sealed class Reassembly
{
    private readonly Fragments _fragments = new();
    private readonly Dictionary<ushort, OrderedStream> _streams = [];
    private readonly Queue<ReceivedMessage> _delivered = new();
    private int _waitingBytes;
    private int _waitingCount;

    /// <summary>Bytes that cannot be delivered yet.</summary>
    public int Bytes => _fragments.Bytes + _waitingBytes;

    /// <summary>Pieces that those bytes are in.</summary>
    public int Pieces => _fragments.Count + _waitingCount;

    /// <returns>False when the fragments break the protocol: contradict one another, or make a message longer than was agreed.</returns>
    public bool TryAdd(in DataChunkView data)
    {
        var run = _fragments.Add(data);
        if (run.IsContradictory || run.Bytes > SctpLimits.MessageBytes)
            return false;
        if (!run.HasBegin || !run.HasEnd)
            return true;
        _fragments.Remove(run);
        if (run.IsUnordered)
            _delivered.Enqueue(run.ToMessage());
        else
            Order(run);
        return true;
    }

    /// <summary>The sender has given up messages of this stream up to one (RFC 3758 section 3.6).</summary>
    public void Skip(ushort streamId, ushort sequenceNumber)
    {
        var stream = StreamOf(streamId);
        // 16 bits that wrap, compared as serial numbers: what lies behind the next one is old news.
        if ((short)(sequenceNumber - stream.Next) < 0)
            return;
        foreach (var number in stream.Waiting.Keys.Where(number => (short)(number - sequenceNumber) <= 0).OrderBy(number => (ushort)(number - stream.Next)).ToList())
            Deliver(stream, number);
        stream.Next = (ushort)(sequenceNumber + 1);
        DeliverInOrder(stream);
    }

    public void RemoveUpTo(Tsn tsn) => _fragments.RemoveUpTo(tsn);

    /// <summary>The sender begins the stream anew (RFC 6525): numbers start at 0.</summary>
    public void Reset(ushort streamId)
    {
        if (!_streams.Remove(streamId, out var stream))
            return;
        foreach (var message in stream.Waiting.Values)
        {
            _waitingBytes -= message.Payload.Length;
            _waitingCount--;
        }
    }

    public bool TryTake(out ReceivedMessage message) => _delivered.TryDequeue(out message);

    private void Order(Run run)
    {
        var stream = StreamOf(run.StreamId);
        if (run.StreamSequenceNumber == stream.Next)
        {
            _delivered.Enqueue(run.ToMessage());
            stream.Next++;
            DeliverInOrder(stream);
        }
        else if ((short)(run.StreamSequenceNumber - stream.Next) > 0 && stream.Waiting.TryAdd(run.StreamSequenceNumber, run.ToMessage()))
        {
            _waitingBytes += run.Bytes;
            _waitingCount++;
        }
    }

    private void DeliverInOrder(OrderedStream stream)
    {
        while (Deliver(stream, stream.Next))
            stream.Next++;
    }

    private bool Deliver(OrderedStream stream, ushort sequenceNumber)
    {
        if (!stream.Waiting.Remove(sequenceNumber, out var message))
            return false;
        _waitingBytes -= message.Payload.Length;
        _waitingCount--;
        _delivered.Enqueue(message);
        return true;
    }

    private OrderedStream StreamOf(ushort streamId)
    {
        if (!_streams.TryGetValue(streamId, out var stream))
            _streams.Add(streamId, stream = new());
        return stream;
    }

    private sealed class OrderedStream
    {
        public Dictionary<ushort, ReceivedMessage> Waiting { get; } = [];

        public ushort Next { get; set; }
    }
}
