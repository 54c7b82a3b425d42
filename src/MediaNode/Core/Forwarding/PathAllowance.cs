namespace MediaNode.Core.Forwarding;

/// <summary>
/// Bytes that may go to an address before anything has proved that the client gets them: three times what came from there, which is what QUIC allows
/// (RFC 9000 section 8.1). So whoever forges another's address aims no more at it than he could himself.
/// </summary>
internal struct PathAllowance
{
    private const int Factor = 3;

    private long _left;

    public bool IsLimited { get; private set; }

    public void Limit() => (IsLimited, _left) = (true, 0);

    public void Lift() => IsLimited = false;

    public void HandleReceived(int bytes) => _left += (long)bytes * Factor;

    public bool TrySpend(int bytes)
    {
        if (!IsLimited)
            return true;
        if (_left < bytes)
            return false;
        _left -= bytes;
        return true;
    }
}
