using System.Runtime.InteropServices;
using static LoadGenerator.Linux.LinuxCalls;

namespace LoadGenerator.Linux;

/// <summary>Waits for many descriptors at once; each is known by a number that the caller chose.</summary>
internal sealed unsafe class Epoll : IDisposable
{
    /// <summary>Descriptors told of per wait; the others are told of by the next one.</summary>
    private const int MaximumReady = 256;

    /// <summary>struct epoll_event: 32 bits of events and 64 of data; x64 alone packs it.</summary>
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private static readonly int RecordBytes = DataOffset + sizeof(long);

    private readonly int _descriptor = EpollCreate(CloseOnExec);
    private readonly byte* _ready = (byte*)NativeMemory.AllocZeroed((nuint)(MaximumReady * RecordBytes));

    public void Add(int descriptor, int key)
    {
        var record = stackalloc byte[RecordBytes];
        *(uint*)record = EpollIn;
        *(long*)(record + DataOffset) = key;
        if (EpollControl(_descriptor, EpollAdd, descriptor, record) != 0)
            throw new InvalidOperationException($"epoll_ctl: error {Marshal.GetLastPInvokeError()}");
    }

    /// <returns>How many are readable; <see cref="Key"/> tells which.</returns>
    public int Wait(TimeSpan timeout)
    {
        var ticks = Math.Max(0, timeout.Ticks);
        var limit = new TimeSpec { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        return Math.Max(0, EpollWait(_descriptor, _ready, MaximumReady, &limit, null));
    }

    public int Key(int index) => (int)*(long*)(_ready + index * RecordBytes + DataOffset);

    public void Dispose()
    {
        _ = Close(_descriptor);
        NativeMemory.Free(_ready);
    }
}
