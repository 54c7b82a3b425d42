namespace LoadGenerator.Measuring;

/// <summary>Everything that is counted over all peers. Written by the loop's thread only; a copy is taken at both ends of the measurement.</summary>
internal sealed record Tally
{
    /// <summary>First transmissions of publishers.</summary>
    public long PacketsSent;
    public long BytesSent;
    public long KeyFramesSent;
    public long Resent;
    public long NacksReceived;
    public long KeyFrameRequestsReceived;

    /// <summary>RTP packets that subscribers got, of whatever kind.</summary>
    public long PacketsReceived;
    public long BytesReceived;
    public long Decrypted;
    public long Retransmissions;

    /// <summary>RTP packets without payload, such as probes.</summary>
    public long Padding;

    /// <summary>Of a source that no offer announced, or with a payload that no publisher sent.</summary>
    public long Unknown;

    /// <summary>A source's numbers moved against the publisher's, when not every packet is decrypted.</summary>
    public long Renumberings;

    public long Unauthentic;

    /// <summary>Packets that came again under the same number, and were refused by the SRTP replay window.</summary>
    public long Replayed;
    public long LossesSimulated;
    public long NackedPackets;
    public long NacksSent;
    public long KeyFrameRequestsSent;
    public long TransportFeedbackSent;

    public Tally Copy() => this with { };

    public Tally Since(Tally before) => new()
    {
        PacketsSent = PacketsSent - before.PacketsSent,
        BytesSent = BytesSent - before.BytesSent,
        KeyFramesSent = KeyFramesSent - before.KeyFramesSent,
        Resent = Resent - before.Resent,
        NacksReceived = NacksReceived - before.NacksReceived,
        KeyFrameRequestsReceived = KeyFrameRequestsReceived - before.KeyFrameRequestsReceived,
        PacketsReceived = PacketsReceived - before.PacketsReceived,
        BytesReceived = BytesReceived - before.BytesReceived,
        Decrypted = Decrypted - before.Decrypted,
        Retransmissions = Retransmissions - before.Retransmissions,
        Padding = Padding - before.Padding,
        Unknown = Unknown - before.Unknown,
        Renumberings = Renumberings - before.Renumberings,
        Unauthentic = Unauthentic - before.Unauthentic,
        Replayed = Replayed - before.Replayed,
        LossesSimulated = LossesSimulated - before.LossesSimulated,
        NackedPackets = NackedPackets - before.NackedPackets,
        NacksSent = NacksSent - before.NacksSent,
        KeyFrameRequestsSent = KeyFrameRequestsSent - before.KeyFrameRequestsSent,
        TransportFeedbackSent = TransportFeedbackSent - before.TransportFeedbackSent,
    };
}
