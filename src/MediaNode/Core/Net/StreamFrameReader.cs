using System.Buffers.Binary;

namespace MediaNode.Core.Net;

/// <summary>
/// Finds the datagrams in the bytes of one stream (<see cref="StreamFrames"/>), however these are cut: receive into <see cref="Receive"/>,
/// <see cref="Advance"/>, then <see cref="TryRead"/> until it finds no more. The buffer is all that a connection can make its owner hold.
/// </summary>
public sealed class StreamFrameReader
{
    /// <summary>Four of the longest frames: some 30 ms of video at 2 Mbit/s per call to the system.</summary>
    public const int BufferBytes = 4 * (StreamFrames.HeaderSize + StreamFrames.MaximumFrame);

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
    private int _start;
    private int _end;

    /// <summary>A frame was announced that is longer than any may be: nothing of the stream can be understood from there on.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Room for what comes next; never empty once all frames were read. Frames read before are void from here on.</summary>
    public Span<byte> Receive()
    {
        if (_start > 0)
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        return _buffer.AsSpan(_end);
    }

    /// <summary>So many bytes were written to what <see cref="Receive"/> gave.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(BufferBytes - _end), nameof(count));
        _end += count;
    }

    /// <summary>The next whole datagram. Empty ones are passed over: some senders keep a connection alive by them.</summary>
    /// <param name="frame">For <see cref="Frame"/>; valid until the next <see cref="Receive"/>.</param>
    public bool TryRead(out Range frame)
    {
        frame = default;
        while (!IsBroken && _end - _start >= StreamFrames.HeaderSize)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(_start));
            var first = _start + StreamFrames.HeaderSize;
            IsBroken = length > StreamFrames.MaximumFrame;
            if (IsBroken || _end - first < length)
                return false;
            _start = first + length;
            if (length == 0)
                continue;
            frame = first.._start;
            return true;
        }
        return false;
    }

    /// <summary>The bytes of a datagram, which may be changed in place.</summary>
    public Span<byte> Frame(Range frame) => _buffer.AsSpan(frame);
}
