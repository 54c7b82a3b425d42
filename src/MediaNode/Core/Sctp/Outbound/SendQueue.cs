namespace MediaNode.Core.Sctp;

/// <summary>
/// Messages that have not gone out entirely. Streams take turns message by message, so that a long queue on one does not hold up the
/// others; the fragments of one message are not mixed with another's (RFC 8260 is not used).
/// </summary>
internal sealed class SendQueue
{
    private readonly Dictionary<ushort, Queue<OutboundMessage>> _streams = [];
    private readonly Queue<ushort> _turns = new();
    private OutboundMessage? _current;

    /// <summary>Messages here, the one going out included.</summary>
    public int Count { get; private set; }

    /// <summary>The message whose fragments go out now.</summary>
    public OutboundMessage? Current
    {
        get
        {
            if (_current is null && _turns.TryDequeue(out var stream))
            {
                var queue = _streams[stream];
                _current = queue.Dequeue();
                if (queue.Count > 0)
                    _turns.Enqueue(stream);
                else
                    _streams.Remove(stream);
            }
            return _current;
        }
    }

    public void Add(OutboundMessage message)
    {
        if (!_streams.TryGetValue(message.StreamId, out var queue))
        {
            _streams.Add(message.StreamId, queue = new());
            _turns.Enqueue(message.StreamId);
        }
        queue.Enqueue(message);
        Count++;
    }

    /// <summary>The current message has gone out, or was given up.</summary>
    public void FinishCurrent()
    {
        _current = null;
        Count--;
    }

    public bool HasMessagesOf(ushort streamId) => _current?.StreamId == streamId || _streams.ContainsKey(streamId);

    public void Clear()
    {
        _streams.Clear();
        _turns.Clear();
        _current = null;
        Count = 0;
    }
}
