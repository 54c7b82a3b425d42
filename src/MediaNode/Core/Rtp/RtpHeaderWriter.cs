using System.Buffers.Binary;

namespace MediaNode.Core.Rtp;

/// <summary>
/// Writes the header of a forwarded packet: the publisher's header with other numbers and with the extensions that the subscriber negotiated, under
/// the subscriber's ids. The P bit is cleared: what follows is the view's payload, without padding.
/// </summary>
public static class RtpHeaderWriter
{
    /// <summary>
    /// Bytes by which the new header can be longer than the source's: an extension header (4), MID (2 + 16), abs-send-time (2 + 3), transport-wide
    /// sequence number (2 + 2) and 3 of padding, rounded up.
    /// </summary>
    public const int MaximumGrowth = 48;

    private const int OneByteMaximumValue = 16;

    /// <returns>Length of the new header in bytes.</returns>
    /// <exception cref="ArgumentException">The destination is smaller than the source's header plus <see cref="MaximumGrowth"/>, and was needed.</exception>
    public static int Write(Span<byte> destination, scoped in RtpPacketView source, scoped in RtpHeaderRewrite rewrite, HeaderExtensionMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var csrcs = source.ContributingSources;
        destination[0] = (byte)(0x80 | (csrcs.Length / 4));
        destination[1] = (byte)((rewrite.Marker ? 0x80 : 0) | (rewrite.PayloadType.Value & 0x7F));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], rewrite.SequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], rewrite.Timestamp.Value);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], rewrite.Ssrc.Value);
        csrcs.CopyTo(destination[RtpPacketView.FixedHeaderSize..]);
        var offset = RtpPacketView.FixedHeaderSize + csrcs.Length;
        var extensionLength = WriteExtension(destination[offset..], source, rewrite, map);
        if (extensionLength > 0)
            destination[0] |= 0x10;
        return offset + extensionLength;
    }

    private static int WriteExtension(Span<byte> destination, scoped in RtpPacketView source, scoped in RtpHeaderRewrite rewrite, HeaderExtensionMap map)
    {
        var elements = new ElementWriter(destination, rewrite.AllowsTwoByteForm && NeedsTwoByteForm(source, rewrite, map));
        if (rewrite.MidExtensionId != 0 && !rewrite.Mid.IsEmpty)
            rewrite.Mid.CopyTo(elements.Reserve(rewrite.MidExtensionId, rewrite.Mid.Length));
        if (rewrite.AbsSendTimeExtensionId != 0)
        {
            var value = elements.Reserve(rewrite.AbsSendTimeExtensionId, 3);
            value[0] = (byte)(rewrite.AbsSendTime >> 16);
            BinaryPrimitives.WriteUInt16BigEndian(value[1..], (ushort)rewrite.AbsSendTime);
        }

        if (rewrite.TransportSequenceNumberExtensionId != 0)
            BinaryPrimitives.WriteUInt16BigEndian(elements.Reserve(rewrite.TransportSequenceNumberExtensionId, 2), rewrite.TransportSequenceNumber);
        foreach (var element in source.Extensions)
        {
            var id = map[element.Id];
            if (id == 0 || rewrite.Writes(id) || !elements.Fits(element.Value.Length))
                continue;
            var value = elements.Reserve(id, element.Value.Length);
            element.Value.CopyTo(value);
            // AV1 RTP payload format, appendix A.8.2: two flags and the template id, then the frame number.
            if (id == rewrite.DependencyDescriptorId && value.Length > sizeof(ushort))
                BinaryPrimitives.WriteUInt16BigEndian(value[1..], rewrite.FrameNumber);
        }

        return elements.Complete();
    }

    private static bool NeedsTwoByteForm(scoped in RtpPacketView source, scoped in RtpHeaderRewrite rewrite, HeaderExtensionMap map)
    {
        // What came in one-byte form leaves in one-byte form.
        if (source.ExtensionProfile == HeaderExtensionEnumerator.OneByteProfile)
            return false;
        foreach (var element in source.Extensions)
        {
            var id = map[element.Id];
            if (id != 0 && !rewrite.Writes(id) && (element.Value.Length is 0 or > OneByteMaximumValue))
                return true;
        }

        return false;
    }

    private ref struct ElementWriter(Span<byte> destination, bool isTwoByte)
    {
        private const int HeaderSize = 4;

        private readonly Span<byte> _destination = destination;
        private readonly bool _isTwoByte = isTwoByte;
        private int _length = HeaderSize;

        public readonly bool Fits(int valueLength) => _isTwoByte || valueLength is > 0 and <= OneByteMaximumValue;

        public Span<byte> Reserve(byte id, int valueLength)
        {
            if (_isTwoByte)
            {
                _destination[_length++] = id;
                _destination[_length++] = (byte)valueLength;
            }
            else
            {
                _destination[_length++] = (byte)((id << 4) | (valueLength - 1));
            }

            var value = _destination.Slice(_length, valueLength);
            _length += valueLength;
            return value;
        }

        /// <summary>Pads to a word and writes the extension's own header. Returns 0 when there is no element.</summary>
        public int Complete()
        {
            if (_length == HeaderSize)
                return 0;
            while (_length % 4 != 0)
                _destination[_length++] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(_destination, _isTwoByte ? HeaderExtensionEnumerator.TwoByteProfile : HeaderExtensionEnumerator.OneByteProfile);
            BinaryPrimitives.WriteUInt16BigEndian(_destination[2..], (ushort)(_length / 4 - 1));
            return _length;
        }
    }
}
