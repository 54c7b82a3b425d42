using System.Buffers.Binary;
using System.Net;

namespace MediaNode.Core.Net;

/// <summary>What carries a datagram between this host and a <see cref="TransportAddress"/>.</summary>
public enum TransportProtocol : byte
{
    Udp = 0,

    /// <summary>One connection, on which every datagram is framed (RFC 4571).</summary>
    Tcp,
}

/// <summary>
/// IP address, port and protocol as one comparable value, and the own address that leads there. IPv4 is held as IPv4-mapped IPv6, so that a peer seen through a dual-stack
/// socket and through an IPv4 socket is one peer. IPv6 scope ids are not kept: link-local peers are out of scope for a server.
/// </summary>
public readonly struct TransportAddress : IEquatable<TransportAddress>
{
    /// <summary>Bytes of an IPv6 address.</summary>
    public const int AddressSize = 16;

    private const ulong Ipv4MappedPrefix = 0x0000_FFFF_0000_0000;

    private readonly ulong _high;
    private readonly ulong _low;

    private TransportAddress(ulong high, ulong low, ushort port, TransportProtocol protocol = TransportProtocol.Udp, byte local = 0)
    {
        _high = high;
        _low = low;
        Port = port;
        Protocol = protocol;
        Local = local;
    }

    public ushort Port { get; }

    /// <summary>The same address over TCP is another one: a connection of its own, with checks of its own.</summary>
    public TransportProtocol Protocol { get; }

    /// <summary>
    /// From which of this host's own addresses it is reached, as numbered by the port that the datagram came to; 0 where there is one only, or the system
    /// chooses. Reached from two, it is two addresses: pairs of candidates, each with checks of its own (RFC 8445 section 6.1.2.2).
    /// </summary>
    public byte Local { get; }

    public bool IsIPv4 => _high == 0 && _low >> 32 == Ipv4MappedPrefix >> 32;

    public static TransportAddress FromIPv4(uint address, ushort port) => new(0, Ipv4MappedPrefix | address, port);

    /// <param name="address">16 bytes in network order; an IPv4-mapped one is IPv4.</param>
    public static TransportAddress FromIPv6(ReadOnlySpan<byte> address, ushort port) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(address), BinaryPrimitives.ReadUInt64BigEndian(address[8..]), port);

    public static TransportAddress From(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[AddressSize];
        if (!address.TryWriteBytes(bytes, out var written))
            throw new ArgumentException("not an IP address", nameof(address));
        return written == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), checked((ushort)port))
            : FromIPv6(bytes, checked((ushort)port));
    }

    public static TransportAddress From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return From(endPoint.Address, endPoint.Port);
    }

    public TransportAddress Over(TransportProtocol protocol) => new(_high, _low, Port, protocol, Local);

    public TransportAddress ReachedFrom(byte local) => new(_high, _low, Port, Protocol, local);

    /// <summary>True for addresses that one customer of a network usually has to himself: the same IPv4 address, or the same /64 of IPv6.</summary>
    public bool SharesOriginWith(in TransportAddress other) => Origin == other.Origin;

    /// <summary>What all addresses of one customer of a network have in common: the IPv4 address, or the /64 of IPv6.</summary>
    public TransportAddress Origin => new(_high, _high == 0 ? _low : 0, 0);

    /// <summary>The IPv4 address in host order; meaningful when <see cref="IsIPv4"/>.</summary>
    public uint IPv4Value => (uint)_low;

    /// <summary>Writes the 16 bytes of the (mapped) IPv6 address in network order.</summary>
    public void CopyIPv6To(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
    }

    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[AddressSize];
        CopyIPv6To(bytes);
        return new IPEndPoint(new IPAddress(IsIPv4 ? bytes[12..] : bytes), Port);
    }

    /// <summary>A hash whose high bits depend on every bit of the address and on the seed.</summary>
    internal ulong Mix(ulong seed)
    {
        const ulong Odd = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio
        var mixed = (_low ^ ((ulong)Port << 32) ^ ((ulong)Protocol << 48) ^ ((ulong)Local << 56) ^ seed) * Odd;
        mixed = (mixed ^ (mixed >> 32) ^ _high) * Odd;
        return mixed ^ (mixed >> 29);
    }

    public bool Equals(TransportAddress other) => _low == other._low && _high == other._high && Port == other.Port && Protocol == other.Protocol && Local == other.Local;

    public override bool Equals(object? obj) => obj is TransportAddress other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _low, Port, Protocol, Local);

    public static bool operator ==(TransportAddress left, TransportAddress right) => left.Equals(right);

    public static bool operator !=(TransportAddress left, TransportAddress right) => !left.Equals(right);

    public override string ToString() => Protocol == TransportProtocol.Tcp ? $"{ToIPEndPoint()}/tcp" : ToIPEndPoint().ToString();
}
