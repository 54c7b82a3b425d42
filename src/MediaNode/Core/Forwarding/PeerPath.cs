using MediaNode.Core.Ice;
using MediaNode.Core.Net;

namespace MediaNode.Core.Forwarding;

/// <summary>Where a peer's datagrams go: to the address that ICE has selected, within what may go there.</summary>
internal struct PeerPath
{
    private PathAllowance _allowance;
    private TransportAddress? _handshakeAddress;
    private bool _isHandshakeDivided;

    public TransportAddress Remote { get; private set; }

    /// <summary>
    /// All of our handshake went here, so whoever completed it gets what is sent here. Half of it would prove nothing: the client could have got that half
    /// elsewhere, and have forged a nomination in between.
    /// </summary>
    public readonly bool CarriedTheHandshake => !_isHandshakeDivided && _handshakeAddress == Remote;

    /// <summary>A datagram of the handshake goes here.</summary>
    public void HandleHandshakeSent()
    {
        _handshakeAddress ??= Remote;
        _isHandshakeDivided |= _handshakeAddress != Remote;
    }

    /// <param name="ice">Says where to send.</param>
    /// <param name="isConnected">From then on an address without proof gets little.</param>
    /// <returns>True when that is another address than before.</returns>
    public bool Follow(IceLiteAgent ice, bool isConnected)
    {
        var hasChanged = ice.Selected is { } selected && selected != Remote;
        if (hasChanged)
            Remote = ice.Selected!.Value;
        // With no address left, nothing is sent until a check comes from another one, or consent runs out.
        if (isConnected && (hasChanged || ice.Selected is null))
            _allowance.Limit();
        if (ice.IsSelectedProven)
            _allowance.Lift();
        return hasChanged;
    }

    /// <summary>Media may flow now, and only where something has proved that the client gets it.</summary>
    public void HandleConnected(IceLiteAgent ice)
    {
        if (!ice.IsSelectedProven)
            _allowance.Limit();
    }

    public void HandleReceived(in TransportAddress source, int bytes)
    {
        if (_allowance.IsLimited && source == Remote)
            _allowance.HandleReceived(bytes);
    }

    public bool TrySpend(int bytes) => _allowance.TrySpend(bytes);
}
