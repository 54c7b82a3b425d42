using MediaNode.Core.Rtp;

namespace MediaNode.Core.Rtcp;

/// <summary>Picture loss indication (RFC 4585 section 6.3.1): the media source is to send a key frame.</summary>
public readonly record struct PictureLossView(FeedbackHeader Header)
{
    public static bool TryParse(RtcpPacketView packet, out PictureLossView view, out ParseFailure failure)
    {
        failure = FeedbackHeader.TryRead(packet, RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.PictureLoss, out var header, out _);
        view = new PictureLossView(header);
        return failure == ParseFailure.None;
    }
}

/// <summary>One entry of a full intra request: a source and a number that changes with each new request.</summary>
public readonly record struct FullIntraRequest(Ssrc Ssrc, byte SequenceNumber);

/// <summary>Full intra request (RFC 5104 section 4.3.1). The media SSRC of its header is unused.</summary>
public readonly ref struct FullIntraRequestView
{
    internal const int ItemSize = 8;

    private readonly ReadOnlySpan<byte> _items;

    private FullIntraRequestView(FeedbackHeader header, ReadOnlySpan<byte> items)
    {
        Header = header;
        _items = items;
    }

    public FeedbackHeader Header { get; }

    public int Count => _items.Length / ItemSize;

    public FullIntraRequest this[int index] => new(RtcpPacketView.ReadSsrc(_items[(index * ItemSize)..]), _items[index * ItemSize + 4]);

    public static bool TryParse(RtcpPacketView packet, out FullIntraRequestView view, out ParseFailure failure)
    {
        failure = FeedbackHeader.TryRead(packet, RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.FullIntraRequest, out var header, out var items);
        if (failure == ParseFailure.None && (items.IsEmpty || items.Length % ItemSize != 0))
            failure = ParseFailure.WrongLength;
        view = failure == ParseFailure.None ? new FullIntraRequestView(header, items) : default;
        return failure == ParseFailure.None;
    }
}
