using System.Runtime.InteropServices;

namespace LoadGenerator.Linux;

/// <summary>The calls of Linux that .NET's sockets do not offer: epoll, many datagrams per call, eventfd.</summary>
internal static unsafe partial class LinuxCalls
{
    public const int DontWait = 0x40;
    public const int EpollIn = 1;
    public const int EpollAdd = 1;
    public const int EpollRemove = 2;
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;

    public const int SocketLevel = 1;
    public const int SendBufferForce = 32;
    public const int ReceiveBufferForce = 33;
    public const int UdpLevel = 17;
    public const int UdpGro = 104;

    public const int Interrupted = 4;
    public const int TryAgain = 11;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, void* record);

    /// <summary>epoll_pwait2 (Linux 5.11): a timeout in nanoseconds, where epoll_wait rounds to milliseconds.</summary>
    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* records, int maximum, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int name, void* value, uint length);

    /// <summary>struct mmsghdr of 64-bit Linux: a msghdr and the number of bytes moved.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly int _padding;

        /// <summary>msg_len: behind the whole msghdr, which ends on 8 bytes.</summary>
        public uint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct cmsghdr with the int that UDP_GRO gives, padded to 8 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GroControl
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int SegmentSize;
        private readonly int _padding;
    }
}
