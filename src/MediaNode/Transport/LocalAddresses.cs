namespace MediaNode.Transport;

/// <summary>
/// The own addresses that datagrams came to, by number, so that an answer leaves from the one that was asked: a client takes it from no other
/// (RFC 8445 section 7.2.5.2.1).
/// </summary>
internal sealed class LocalAddresses
{
    /// <summary>What fits <see cref="Core.Net.TransportAddress.Local"/>, and more than machines have; a whole network routed to one may bring more.</summary>
    public const int Maximum = byte.MaxValue;

    private readonly UInt128[] _addresses = new UInt128[Maximum];
    private int _count;
    private int _last;

    /// <param name="address">The bytes of an IPv6 or IPv4 address, as the system gives them.</param>
    /// <returns>From 1 on; 0 when there are too many, for the address that the system chooses.</returns>
    public byte NumberOf(UInt128 address)
    {
        if (_last < _count && _addresses[_last] == address)
            return (byte)(_last + 1);
        var index = _addresses.AsSpan(0, _count).IndexOf(address);
        if (index < 0)
        {
            if (_count == Maximum)
                return 0;
            _addresses[index = _count++] = address;
        }
        _last = index;
        return (byte)(index + 1);
    }

    /// <param name="number">As <see cref="NumberOf"/> gave it, not 0.</param>
    public UInt128 this[byte number] => _addresses[number - 1];
}
