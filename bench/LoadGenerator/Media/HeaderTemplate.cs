using System.Buffers.Binary;
using System.Text;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace LoadGenerator.Media;

/// <summary>The RTP header of a stream with the extensions that were negotiated and that a browser sends; only the numbers change from packet to packet.</summary>
internal sealed class HeaderTemplate
{
    private const ushort OneByteProfile = 0xBEDE;

    /// <summary>RFC 6464: voice, 30 dB below the loudest.</summary>
    private const byte TalkingLevel = 0x80 | 30;

    private readonly byte[] _bytes;
    private readonly int _sendTimeAt;
    private readonly int _transportSequenceAt;

    public HeaderTemplate(NegotiatedMedia media, Ssrc ssrc)
    {
        var elements = new List<byte>();
        if (Id(media, HeaderExtensionUri.Mid) is { } mid)
            Add(elements, mid, Encoding.ASCII.GetBytes(media.Mid.Value));
        _sendTimeAt = Id(media, HeaderExtensionUri.AbsSendTime) is { } sendTime ? Add(elements, sendTime, new byte[3]) : 0;
        _transportSequenceAt = Id(media, HeaderExtensionUri.TransportSequenceNumber) is { } sequence ? Add(elements, sequence, new byte[2]) : 0;
        if (Id(media, HeaderExtensionUri.AudioLevel) is { } level)
            Add(elements, level, [TalkingLevel]);
        while (elements.Count % 4 != 0)
            elements.Add(0);

        _bytes = new byte[elements.Count == 0 ? 12 : 16 + elements.Count];
        _bytes[0] = (byte)(elements.Count == 0 ? 0x80 : 0x90);
        _bytes[1] = media.Codec!.PayloadType.Value;
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(8), ssrc.Value);
        if (elements.Count == 0)
            return;
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(12), OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(14), (ushort)(elements.Count / 4));
        elements.CopyTo(_bytes, 16);
    }

    public int Length => _bytes.Length;

    public bool HasTransportSequence => _transportSequenceAt != 0;

    public void Write(Span<byte> target, bool marker, ushort sequence, uint timestamp, ushort transportSequence, Instant now)
    {
        _bytes.CopyTo(target);
        if (marker)
            target[1] |= 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], timestamp);
        if (_sendTimeAt != 0)
        {
            // 24 bits of seconds as 6.18 fixed point.
            var sendTime = (uint)((UInt128)(ulong)now.Nanoseconds * (1 << 18) / 1_000_000_000);
            target[_sendTimeAt] = (byte)(sendTime >> 16);
            BinaryPrimitives.WriteUInt16BigEndian(target[(_sendTimeAt + 1)..], (ushort)sendTime);
        }
        if (_transportSequenceAt != 0)
            BinaryPrimitives.WriteUInt16BigEndian(target[_transportSequenceAt..], transportSequence);
    }

    private static byte? Id(NegotiatedMedia media, string uri) => media.Extensions.TryGetValue(uri, out var id) ? id : null;

    /// <returns>Where the value stands in the header.</returns>
    private static int Add(List<byte> elements, byte id, byte[] value)
    {
        elements.Add((byte)((id << 4) | (value.Length - 1)));
        elements.AddRange(value);
        return 16 + elements.Count - value.Length;
    }
}
