namespace MediaNode.Core.Sctp;

/// <summary>The congestion window of RFC 9260 section 7.2, in bytes of user data.</summary>
internal sealed class CongestionControl
{
    /// <summary>PMDCS: bytes that one packet adds.</summary>
    private const int Packet = SctpLimits.FragmentBytes;

    /// <summary>Max.Burst (RFC 9260 section 16), in packets.</summary>
    private const int MaximumBurst = 4;

    private int _partialBytesAcknowledged;
    private Tsn _recoveryExit;

    /// <summary>RFC 9260 section 7.2.1.</summary>
    public int Window { get; private set; } = Math.Min(4 * Packet, Math.Max(2 * Packet, 4404));

    public int SlowStartThreshold { get; private set; } = SctpLimits.SendBufferBytes;

    public bool InFastRecovery { get; private set; }

    /// <summary>A SACK moved the cumulative TSN on.</summary>
    /// <param name="cumulativeTsn">To where.</param>
    /// <param name="acknowledged">Bytes that it reports for the first time.</param>
    /// <param name="inFlightBefore">Bytes in flight before it.</param>
    /// <param name="inFlightAfter">Bytes in flight after it.</param>
    public void HandleAcknowledged(Tsn cumulativeTsn, int acknowledged, int inFlightBefore, int inFlightAfter)
    {
        if (InFastRecovery)
        {
            InFastRecovery = !(cumulativeTsn == _recoveryExit || cumulativeTsn.IsAfter(_recoveryExit));
        }
        else if (inFlightBefore + Packet > Window)
        {
            // Only a window that was used may grow.
            if (Window <= SlowStartThreshold)
                Grow(Math.Min(acknowledged, Packet));
            else
                AvoidCongestion(acknowledged);
        }
        if (inFlightAfter == 0)
            _partialBytesAcknowledged = 0;
    }

    /// <summary>RFC 9260 section 7.2.4: a packet was reported missing three times.</summary>
    public void HandleLoss(Tsn highestOutstanding)
    {
        if (InFastRecovery)
            return;
        SlowStartThreshold = Math.Max(Window / 2, 4 * Packet);
        Window = SlowStartThreshold;
        _partialBytesAcknowledged = 0;
        InFastRecovery = true;
        _recoveryExit = highestOutstanding;
    }

    /// <summary>RFC 9260 section 7.2.3: T3-rtx ran out.</summary>
    public void HandleTimeout()
    {
        SlowStartThreshold = Math.Max(Window / 2, 4 * Packet);
        Window = Packet;
        _partialBytesAcknowledged = 0;
        InFastRecovery = false;
    }

    /// <summary>RFC 9260 section 6.1, rule D: a window that opens at once does not go out in one burst.</summary>
    public void LimitBurst(int inFlight) => Window = Math.Min(Window, inFlight + MaximumBurst * Packet);

    private void AvoidCongestion(int acknowledged)
    {
        _partialBytesAcknowledged += acknowledged;
        if (_partialBytesAcknowledged < Window)
            return;
        _partialBytesAcknowledged -= Window;
        Grow(Packet);
    }

    private void Grow(int bytes) => Window = Math.Min(Window + bytes, SctpLimits.SendBufferBytes);
}
