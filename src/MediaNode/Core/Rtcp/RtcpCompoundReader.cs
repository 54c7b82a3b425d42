using System.Buffers.Binary;

namespace MediaNode.Core.Rtcp;

/// <summary>
/// Walks the packets of a datagram (RFC 3550 section 6.1). A compound need not begin with a report: reduced-size RTCP (RFC 5506) is accepted.
/// The bounds of all packets are checked at the start, so the walk itself cannot fail.
/// </summary>
public ref struct RtcpCompoundReader
{
    private ReadOnlySpan<byte> _rest;

    private RtcpCompoundReader(ReadOnlySpan<byte> datagram)
    {
        _rest = datagram;
    }

    public RtcpPacketView Current { get; private set; }

    public static bool TryParse(ReadOnlySpan<byte> datagram, out RtcpCompoundReader reader, out ParseFailure failure)
    {
        reader = default;
        failure = datagram.IsEmpty ? ParseFailure.Truncated : ParseFailure.None;
        for (var rest = datagram; !rest.IsEmpty && failure == ParseFailure.None;)
            failure = Check(rest, out rest);
        if (failure != ParseFailure.None)
            return false;
        reader = new RtcpCompoundReader(datagram);
        return true;
    }

    public readonly RtcpCompoundReader GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var length = Length(_rest);
        var packet = _rest[..length];
        Current = new RtcpPacketView(HasPadding(packet) ? packet[..^packet[^1]] : packet);
        _rest = _rest[length..];
        return true;
    }

    private static ParseFailure Check(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        if (bytes.Length < RtcpPacketView.HeaderSize)
            return ParseFailure.Truncated;
        if (bytes[0] >> 6 != 2)
            return ParseFailure.WrongVersion;
        var length = Length(bytes);
        if (length > bytes.Length)
            return ParseFailure.WrongLength;
        rest = bytes[length..];
        if (!HasPadding(bytes))
            return ParseFailure.None;
        // RFC 3550 section 6.4.1 wants multiples of four, and only in the last packet. Browsers pad transport-wide feedback by one to three bytes, wherever in the compound it is.
        var padding = bytes[length - 1];
        return padding == 0 || padding > length - RtcpPacketView.HeaderSize ? ParseFailure.WrongPadding : ParseFailure.None;
    }

    private static int Length(ReadOnlySpan<byte> packet) => 4 * (BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) + 1);

    private static bool HasPadding(ReadOnlySpan<byte> packet) => (packet[0] & RtcpPacketView.PaddingBit) != 0;
}
