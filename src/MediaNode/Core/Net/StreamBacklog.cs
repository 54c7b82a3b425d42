namespace MediaNode.Core.Net;

/// <summary>
/// What a stream's reader has not taken yet, framed. It holds the rest of a frame that was begun, and behind it checks, handshakes and RTCP, which a call
/// lives on. Media is refused while anything waits: late media is of no use, and the loss tells congestion control to send less.
/// </summary>
public sealed class StreamBacklog
{
    /// <summary>Some ten full-sized datagrams: a handshake's flight and the feedback of seconds.</summary>
    public const int CapacityBytes = 16 * 1024;

    private byte[]? _bytes;
    private int _start;
    private int _end;

    public bool IsEmpty => _start == _end;

    public ReadOnlySpan<byte> Waiting => _bytes.AsSpan(_start.._end);

    /// <summary>Keeps what the stream did not take of a frame; nothing may wait before it.</summary>
    public void AddRest(ReadOnlySpan<byte> rest)
    {
        if (!IsEmpty)
            throw new InvalidOperationException("the rest of a frame would come behind others");
        rest.CopyTo(Append(rest.Length));
    }

    /// <summary>Queues a whole datagram.</summary>
    /// <returns>False when it is media, or there is no room.</returns>
    public bool TryAdd(ReadOnlySpan<byte> datagram)
    {
        var length = StreamFrames.HeaderSize + datagram.Length;
        if (DatagramDemux.Classify(datagram) == PacketKind.Rtp || length > CapacityBytes - (_end - _start))
            return false;
        StreamFrames.Write(Append(length), datagram);
        return true;
    }

    /// <summary>The stream has taken so many bytes of <see cref="Waiting"/>.</summary>
    public void Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_end - _start), nameof(count));
        _start += count;
        if (IsEmpty)
            _start = _end = 0;
    }

    private Span<byte> Append(int length)
    {
        // Made at the first need: most connections never fall behind.
        _bytes ??= GC.AllocateUninitializedArray<byte>(CapacityBytes);
        if (length > CapacityBytes - _end)
        {
            Waiting.CopyTo(_bytes);
            _end -= _start;
            _start = 0;
        }
        _end += length;
        return _bytes.AsSpan(_end - length, length);
    }
}
