namespace MediaNode.Core.Forwarding;

/// <summary>
/// Bytes that may be sent again on one subscription: half of what was sent for the first time, so that no storm of NACKs makes the node send more than one and a half times
/// the stream. A path that loses a fifth, retransmissions included, needs a quarter.
/// </summary>
internal struct ResendAllowance()
{
    /// <summary>What may have gathered: a second of video at 2 Mbit/s, lost while the client changed networks.</summary>
    public const int MaximumBytes = 256 << 10;

    /// <summary>Before anything was sent: the first key frame.</summary>
    public const int FirstBytes = 64 << 10;

    private int _bytes = FirstBytes;

    public void HandleSent(int bytes) => _bytes = Math.Min(_bytes + bytes / 2, MaximumBytes);

    public bool TryTake(int bytes)
    {
        if (bytes > _bytes)
            return false;
        _bytes -= bytes;
        return true;
    }
}
