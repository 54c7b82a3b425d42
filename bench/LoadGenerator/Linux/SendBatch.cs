using System.Runtime.InteropServices;
using static LoadGenerator.Linux.LinuxCalls;

namespace LoadGenerator.Linux;

/// <summary>
/// One sendmmsg. Each datagram is a message of its own, without segmentation offload: browsers send packet by packet, and a server must not be
/// spared the work of receiving them so.
/// </summary>
internal sealed unsafe class SendBatch : IDisposable
{
    /// <summary>Packets of one call; a larger frame takes several.</summary>
    private const int Capacity = 64;

    private readonly MessageHeader* _messages;
    private readonly IoVector* _vectors;
    private int _count;

    public SendBatch()
    {
        _messages = (MessageHeader*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(MessageHeader));
        _vectors = (IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(IoVector));
        for (var i = 0; i < Capacity; i++)
            _messages[i] = new() { Vectors = _vectors + i, VectorCount = 1 };
    }

    /// <summary>Datagrams that the kernel did not take: this machine's send buffers were full.</summary>
    public long Refused { get; private set; }

    /// <param name="port">Where all datagrams up to the next <see cref="Flush"/> go.</param>
    /// <param name="datagram">Points into memory that does not move, and stays as it is until the flush.</param>
    public void Add(UdpPort port, ReadOnlySpan<byte> datagram)
    {
        if (_count == Capacity)
            Flush(port);
        _vectors[_count++] = new() { Base = System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(datagram)), Length = (nuint)datagram.Length };
    }

    public void Flush(UdpPort port)
    {
        for (var sent = 0; sent < _count;)
        {
            var now = SendMany(port.Descriptor, _messages + sent, (uint)(_count - sent), DontWait);
            if (now > 0)
                sent += now;
            else if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                // This one is lost, as a full network would lose it; ECONNREFUSED of an earlier one also ends here.
                Refused++;
                sent++;
            }
        }
        _count = 0;
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
    }
}
