using System.Buffers.Binary;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>REMB, the receiver's estimate of the bandwidth for a set of streams (draft-alvestrand-rmcat-remb-03).</summary>
public readonly ref struct ReceiverBandwidthView
{
    /// <summary>"REMB", the count byte, exponent and mantissa.</summary>
    internal const int FixedSize = 8;

    internal const uint Identifier = 0x52_45_4D_42;
    internal const int MantissaBits = 18;

    private readonly ReadOnlySpan<byte> _sources;

    private ReceiverBandwidthView(FeedbackHeader header, Bitrate bitrate, ReadOnlySpan<byte> sources)
    {
        Header = header;
        Bitrate = bitrate;
        _sources = sources;
    }

    public FeedbackHeader Header { get; }

    /// <summary>Saturates at 2^63 - 1.</summary>
    public Bitrate Bitrate { get; }

    /// <summary>The sources that the estimate is for: at most 255, as its count byte says.</summary>
    public int Count => _sources.Length / 4;

    public Ssrc this[int index] => RtcpPacketView.ReadSsrc(_sources[(index * 4)..]);

    public static bool TryParse(RtcpPacketView packet, out ReceiverBandwidthView view, out ParseFailure failure)
    {
        view = default;
        failure = FeedbackHeader.TryRead(packet, RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.ApplicationLayer, out var header, out var information);
        if (failure != ParseFailure.None)
            return false;
        failure = information.Length < FixedSize ? ParseFailure.Truncated
            : BinaryPrimitives.ReadUInt32BigEndian(information) != Identifier ? ParseFailure.WrongType
            : information.Length < FixedSize + 4 * information[4] ? ParseFailure.Truncated
            : ParseFailure.None;
        if (failure != ParseFailure.None)
            return false;
        var exponent = information[5] >> 2;
        var mantissa = ((information[5] & 3L) << 16) | BinaryPrimitives.ReadUInt16BigEndian(information[6..]);
        var bitrate = new Bitrate(mantissa > long.MaxValue >> exponent ? long.MaxValue : mantissa << exponent);
        view = new ReceiverBandwidthView(header, bitrate, information.Slice(FixedSize, 4 * information[4]));
        return true;
    }
}
