using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MediaNode.Transport;

/// <summary>The calls of Linux that .NET's sockets do not offer: many datagrams per call, segmentation offload, eventfd, epoll.</summary>
internal static unsafe partial class LinuxSockets
{
    public const int DontWait = 0x40;
    public const int PollIn = 1;
    public const int PollOut = 4;
    public const int EpollCloseOnExec = 0x80000;
    public const int EpollAdd = 1;
    public const int EpollModify = 3;
    public const uint EpollIn = 1;
    public const uint EpollOut = 4;
    public const int InetLevel = 0;
    public const int InetPacketInformation = 8;
    public const int Inet6Level = 41;
    public const int Inet6ReceivePacketInformation = 49;
    public const int Inet6PacketInformation = 50;
    public const int UdpLevel = 17;
    public const int UdpSegment = 103;
    public const int EventFdNonBlocking = 0x800;
    public const int EventFdCloseOnExec = 0x80000;
    public const int SocketLevel = 1;
    public const int SendBufferForce = 32;
    public const int ReceiveBufferForce = 33;
    public const int MemoryInformation = 55;

    /// <summary>Values of <see cref="MemoryInformation"/> that are looked at: bytes received and not taken, and most of them.</summary>
    public const int ReceivedBytes = 0;
    public const int ReceiveBufferBytes = 1;
    public const int MemoryValues = 9;

    public const int Interrupted = 4;
    public const int IoError = 5;
    public const int TryAgain = 11;
    public const int InvalidArgument = 22;
    public const int MessageTooLong = 90;
    public const int OperationNotSupported = 95;
    public const int NetworkUnreachable = 101;
    public const int NoBuffers = 105;
    public const int ConnectionRefused = 111;
    public const int HostUnreachable = 113;
    public const int OpenFiles = 7;

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signals);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int descriptor, void* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, void* events, int count, int timeout);

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

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    public static partial int GetLimit(int resource, ResourceLimit* limit);

    /// <summary>struct rlimit of 64-bit Linux; all ones is no limit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }

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
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    /// <summary>
    /// struct epoll_event: 32 bits of events and 64 of data, packed on x64 and nowhere else. Hence read and written through a span.
    /// </summary>
    public static class EpollEvent
    {
        private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? sizeof(uint) : sizeof(ulong);

        public static int Size => DataOffset + sizeof(ulong);

        public static void Write(Span<byte> destination, uint events, ulong data)
        {
            MemoryMarshal.Write(destination, events);
            MemoryMarshal.Write(destination[DataOffset..], data);
        }

        public static (uint Events, ulong Data) Read(ReadOnlySpan<byte> events, int index)
        {
            var one = events[(index * Size)..];
            return (MemoryMarshal.Read<uint>(one), MemoryMarshal.Read<ulong>(one[DataOffset..]));
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct cmsghdr with one 16-bit value, padded to 8 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SegmentControl
    {
        /// <summary>CMSG_LEN: header and value without the padding.</summary>
        public const int UnpaddedLength = 18;

        public nuint Length;
        public int Level;
        public int Type;
        public ushort SegmentSize;
        private readonly ushort _padding1;
        private readonly uint _padding2;
    }

    /// <summary>
    /// struct cmsghdr with an in_pktinfo or in6_pktinfo: the own address that a datagram came to, or is to leave from. A socket of both families has
    /// in6_pktinfo for both, with IPv4-mapped addresses.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PacketInformation
    {
        private const int HeaderSize = 16;
        private const int InetSize = 12;
        private const int Inet6Size = 20;

        /// <summary>Of in_pktinfo, behind the interface: ipi_spec_dst, the address that answers leave from.</summary>
        private const int InetAddressOffset = 4;

        public nuint Length;
        public int Level;
        public int Type;
        private fixed byte _value[24];

        /// <summary>CMSG_SPACE: what follows it begins behind so many bytes.</summary>
        public static int Space(bool isInet6) => isInet6 ? HeaderSize + 24 : HeaderSize + 16;

        public readonly bool IsFor(bool isInet6) =>
            isInet6 ? Level == Inet6Level && Type == Inet6PacketInformation : Level == InetLevel && Type == InetPacketInformation;

        public readonly UInt128 Address(bool isInet6)
        {
            fixed (byte* value = _value)
                return isInet6 ? Unsafe.ReadUnaligned<UInt128>(value) : Unsafe.ReadUnaligned<uint>(value + InetAddressOffset);
        }

        /// <summary>Interface 0: routing chooses it.</summary>
        public static PacketInformation From(UInt128 address, bool isInet6)
        {
            var information = new PacketInformation
            {
                Length = (nuint)(HeaderSize + (isInet6 ? Inet6Size : InetSize)),
                Level = isInet6 ? Inet6Level : InetLevel,
                Type = isInet6 ? Inet6PacketInformation : InetPacketInformation,
            };
            if (isInet6)
                Unsafe.WriteUnaligned(information._value, address);
            else
                Unsafe.WriteUnaligned(information._value + InetAddressOffset, (uint)address);
            return information;
        }
    }

    /// <summary>sockaddr_in6; sockaddr_in fits in it too.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct InternetAddress
    {
        public const ushort Inet = 2;
        public const ushort Inet6 = 10;
        public const int InetLength = 16;
        public const int Inet6Length = 28;

        public ushort Family;

        /// <summary>Network byte order.</summary>
        public ushort Port;

        /// <summary>sin6_flowinfo, or the address of sockaddr_in.</summary>
        public uint FlowOrInet;
        public fixed byte Inet6Address[16];
        public uint Scope;
    }
}
