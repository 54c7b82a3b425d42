namespace MediaNode.Core.Sctp;

/// <summary>What a data channel is opened with (RFC 8832 section 5.1). Two channels are of a kind when these are equal.</summary>
/// <param name="Label">Up to <see cref="MaximumTextBytes"/> bytes of UTF-8.</param>
/// <param name="Protocol">Subprotocol, the same; usually empty.</param>
/// <param name="Options">Order and reliability.</param>
public sealed record DataChannelParameters(string Label, string Protocol, SendOptions Options)
{
    /// <summary>Bytes each of label and protocol; RFC 8832 would allow 65,535.</summary>
    public const int MaximumTextBytes = 256;

    public DataChannelParameters(string label) : this(label, "", SendOptions.Reliable)
    {
    }
}

/// <summary>Payload protocol identifiers of RFC 8831 section 8. The deprecated partial ones (52, 54) are not understood.</summary>
internal static class PayloadProtocol
{
    public const uint Dcep = 50;
    public const uint Text = 51;
    public const uint Binary = 53;
    public const uint EmptyText = 56;
    public const uint EmptyBinary = 57;
}
