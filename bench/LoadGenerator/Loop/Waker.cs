using LoadGenerator.Linux;

namespace LoadGenerator.Loop;

/// <summary>An eventfd: any thread wakes, the loop clears.</summary>
internal sealed unsafe class Waker : IDisposable
{
    public int Descriptor { get; } = LinuxCalls.EventFd(0, LinuxCalls.NonBlocking | LinuxCalls.CloseOnExec);

    public void Wake()
    {
        ulong one = 1;
        _ = LinuxCalls.Write(Descriptor, &one, sizeof(ulong));
    }

    public void Clear()
    {
        ulong count;
        _ = LinuxCalls.Read(Descriptor, &count, sizeof(ulong));
    }

    public void Dispose() => _ = LinuxCalls.Close(Descriptor);
}
