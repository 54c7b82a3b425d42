namespace MediaNode.Core.Rtp;

/// <summary>What a forwarded packet's header says instead of the publisher's. An extension with id 0 is not written.</summary>
public readonly ref struct RtpHeaderRewrite
{
    public required PayloadType PayloadType { get; init; }

    public required ushort SequenceNumber { get; init; }

    public required RtpTimestamp Timestamp { get; init; }

    public required Ssrc Ssrc { get; init; }

    public required bool Marker { get; init; }

    public byte MidExtensionId { get; init; }

    /// <summary>1 to 16 bytes of ASCII.</summary>
    public ReadOnlySpan<byte> Mid { get; init; }

    public byte AbsSendTimeExtensionId { get; init; }

    /// <summary>24 bits: seconds modulo 64 as 6.18 fixed point.</summary>
    public uint AbsSendTime { get; init; }

    public byte TransportSequenceNumberExtensionId { get; init; }

    public ushort TransportSequenceNumber { get; init; }

    /// <summary>Outgoing id of a dependency descriptor whose frame number is to be <see cref="FrameNumber"/>; 0 leaves it as it is.</summary>
    public byte DependencyDescriptorId { get; init; }

    public ushort FrameNumber { get; init; }

    /// <summary>
    /// The receiver negotiated a=extmap-allow-mixed, so a packet whose element is too long for the one-byte form (a dependency descriptor with
    /// its structure) may use the two-byte form. Otherwise such an element is left out.
    /// </summary>
    public bool AllowsTwoByteForm { get; init; }

    internal bool Writes(byte id) => id == MidExtensionId || id == AbsSendTimeExtensionId || id == TransportSequenceNumberExtensionId;
}
