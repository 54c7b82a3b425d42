using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>Finds out whether a silent peer is still there (RFC 9260 section 8.3): asked after 30 s without DATA, given up with the association's other timeouts.</summary>
internal sealed class Heartbeats(IEntropy entropy, RetransmissionTimeout timeout)
{
    private const int NonceBytes = 16;

    private readonly byte[] _nonce = new byte[NonceBytes];
    private Instant _sentAt;
    private bool _isPending;

    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>The association is up, or something was heard.</summary>
    public void HandleActivity(Instant now)
    {
        if (!_isPending)
            Deadline = now + SctpLimits.HeartbeatInterval;
    }

    /// <summary>Whether one that was sent is still not answered.</summary>
    public bool HandleTimeout(Instant now, out byte[] chunk)
    {
        var isMissing = _isPending;
        entropy.Fill(_nonce);
        _sentAt = now;
        _isPending = true;
        Deadline = now + timeout.Value;
        var writer = new ChunkWriter(stackalloc byte[64], ChunkType.Heartbeat);
        _nonce.CopyTo(writer.AddParameter(ParameterType.HeartbeatInfo, NonceBytes));
        chunk = writer.Finish();
        return isMissing;
    }

    /// <returns>False when it answers nothing that was asked.</returns>
    public bool TryHandleAck(ChunkView ack, Instant now)
    {
        if (!_isPending || ack.Value.Length != SctpWire.ParameterHeaderBytes + NonceBytes || !ack.Value[SctpWire.ParameterHeaderBytes..].SequenceEqual(_nonce))
            return false;
        _isPending = false;
        timeout.Measure(now - _sentAt);
        Deadline = now + SctpLimits.HeartbeatInterval;
        return true;
    }

    public void Stop() => Deadline = Instant.Never;
}
