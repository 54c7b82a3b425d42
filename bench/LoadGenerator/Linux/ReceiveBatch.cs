using System.Runtime.InteropServices;
using static LoadGenerator.Linux.LinuxCalls;

namespace LoadGenerator.Linux;

/// <summary>
/// Buffers for one recvmmsg, shared by all sockets. With UDP_GRO a buffer may hold several packets of one size, which are handed out one by one.
/// </summary>
internal sealed unsafe class ReceiveBatch : IDisposable
{
    /// <summary>Larger than any packet of a peer.</summary>
    private const int PacketBytes = 2048;

    /// <summary>The most that GRO puts together.</summary>
    private const int CoalescedBytes = 65_536;

    private readonly int _slots;
    private readonly int _slotBytes;
    private readonly byte* _slab;
    private readonly MessageHeader* _messages;
    private readonly IoVector* _vectors;
    private readonly GroControl* _controls;
    private int _count;
    private int _message;
    private int _offset;

    public ReceiveBatch(bool coalesces)
    {
        _slots = coalesces ? 16 : 64;
        _slotBytes = coalesces ? CoalescedBytes : PacketBytes;
        _slab = (byte*)NativeMemory.AllocZeroed((nuint)(_slots * _slotBytes));
        _messages = (MessageHeader*)NativeMemory.AllocZeroed((nuint)_slots, (nuint)sizeof(MessageHeader));
        _vectors = (IoVector*)NativeMemory.AllocZeroed((nuint)_slots, (nuint)sizeof(IoVector));
        _controls = (GroControl*)NativeMemory.AllocZeroed((nuint)_slots, (nuint)sizeof(GroControl));
        for (var i = 0; i < _slots; i++)
        {
            _vectors[i] = new() { Base = _slab + i * _slotBytes, Length = (nuint)_slotBytes };
            _messages[i] = new() { Vectors = _vectors + i, VectorCount = 1, Control = coalesces ? _controls + i : null };
        }
    }

    /// <summary>Takes what has come, without blocking.</summary>
    /// <returns>True when all buffers were used, so that there may be more.</returns>
    public bool Receive(UdpPort port)
    {
        // The kernel writes the lengths that it used, so they are set anew each time.
        for (var i = 0; i < _slots && _messages[i].Control is not null; i++)
            _messages[i].ControlLength = (nuint)sizeof(GroControl);
        _count = Math.Max(0, ReceiveMany(port.Descriptor, _messages, (uint)_slots, DontWait, null));
        _message = _offset = 0;
        return _count == _slots;
    }

    /// <summary>The next packet; it may be changed in place.</summary>
    public bool TryTake(out Span<byte> packet)
    {
        packet = default;
        if (_message >= _count)
            return false;
        var length = (int)_messages[_message].Length;
        var size = Math.Min(SegmentSize(_message, length), length - _offset);
        packet = new(_slab + _message * _slotBytes + _offset, size);
        _offset += size;
        if (_offset >= length)
            (_message, _offset) = (_message + 1, 0);
        return true;
    }

    public void Dispose()
    {
        NativeMemory.Free(_slab);
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_controls);
    }

    private int SegmentSize(int message, int length)
    {
        var header = _messages + message;
        if (header->Control is null || header->ControlLength < (nuint)sizeof(GroControl) - sizeof(int))
            return length;
        var control = (GroControl*)header->Control;
        return control->Level == UdpLevel && control->Type == UdpGro && control->SegmentSize > 0 ? control->SegmentSize : length;
    }
}
