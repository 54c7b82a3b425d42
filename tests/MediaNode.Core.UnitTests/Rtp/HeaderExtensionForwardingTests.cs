using System.Buffers.Binary;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Rtp;

/// <summary>Header extensions that go through, from a publisher's ids to other ones of a subscriber, in either form of RFC 8285.</summary>
public sealed class HeaderExtensionForwardingTests
{
    private const string Delay = "012345";
    private const string Orientation = "02";
    private const string CaptureTime = "0123456789ABCDEF";
    private const string CaptureTimeWithOffset = "0123456789ABCDEF1122334455667788";
    private const string Descriptor = "C10BAD";
    private const string DescriptorWithStructure = "C10BAD80011000145E0DCC1122334455667788";

    private static readonly Dictionary<string, byte> Publisher = new()
    {
        [HeaderExtensionUri.Mid] = 4,
        [HeaderExtensionUri.AbsSendTime] = 12,
        [HeaderExtensionUri.TransportSequenceNumber] = 13,
        [HeaderExtensionUri.PlayoutDelay] = 6,
        [HeaderExtensionUri.VideoOrientation] = 14,
        [HeaderExtensionUri.AbsCaptureTime] = 1,
        [HeaderExtensionUri.DependencyDescriptor] = 5,
    };

    /// <summary>The same numbers with other meanings.</summary>
    private static readonly Dictionary<string, byte> Subscriber = new()
    {
        [HeaderExtensionUri.Mid] = 1,
        [HeaderExtensionUri.AbsSendTime] = 5,
        [HeaderExtensionUri.TransportSequenceNumber] = 6,
        [HeaderExtensionUri.PlayoutDelay] = 14,
        [HeaderExtensionUri.VideoOrientation] = 4,
        [HeaderExtensionUri.AbsCaptureTime] = 13,
        [HeaderExtensionUri.DependencyDescriptor] = 12,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Values_go_from_the_publishers_ids_to_the_subscribers(bool isTwoByte)
    {
        var packet = Packet(isTwoByte, (4, "61"), (12, "ABCDEF"), (13, "0001"), (6, Delay), (14, Orientation), (1, CaptureTime), (5, Descriptor));

        var (elements, profile) = Forward(packet, Subscriber, allowsTwoByteForm: true);

        // MID, abs-send-time and the transport-wide number are the subscriber's own.
        Assert.Equal(["1=7A", "4=" + Orientation, "5=000042", "6=0017", "12=" + Descriptor, "13=" + CaptureTime, "14=" + Delay], elements);
        Assert.Equal(HeaderExtensionEnumerator.OneByteProfile, profile);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sixteen_bytes_are_the_most_that_the_one_byte_form_takes(bool isTwoByte)
    {
        var (elements, profile) = Forward(Packet(isTwoByte, (1, CaptureTimeWithOffset)), Subscriber, allowsTwoByteForm: true);

        Assert.Contains("13=" + CaptureTimeWithOffset, elements);
        Assert.Equal(HeaderExtensionEnumerator.OneByteProfile, profile);
    }

    [Fact]
    public void Packet_with_a_long_descriptor_leaves_in_the_two_byte_form_with_all_it_has()
    {
        var packet = Packet(isTwoByte: true, (6, Delay), (14, Orientation), (1, CaptureTimeWithOffset), (5, DescriptorWithStructure));

        var (elements, profile) = Forward(packet, Subscriber, allowsTwoByteForm: true);

        Assert.Equal(["1=7A", "4=" + Orientation, "5=000042", "6=0017", "12=" + DescriptorWithStructure, "13=" + CaptureTimeWithOffset, "14=" + Delay], elements);
        Assert.Equal(HeaderExtensionEnumerator.TwoByteProfile, profile);
    }

    [Fact]
    public void Long_descriptor_alone_is_left_out_for_who_does_not_take_the_two_byte_form()
    {
        var packet = Packet(isTwoByte: true, (6, Delay), (5, DescriptorWithStructure), (14, Orientation));

        var (elements, profile) = Forward(packet, Subscriber, allowsTwoByteForm: false);

        Assert.Equal(["1=7A", "4=" + Orientation, "5=000042", "6=0017", "14=" + Delay], elements);
        Assert.Equal(HeaderExtensionEnumerator.OneByteProfile, profile);
    }

    [Theory]
    [InlineData(false, Descriptor)]
    [InlineData(true, Descriptor)]
    [InlineData(true, DescriptorWithStructure)]
    public void Frame_number_is_written_under_the_subscribers_id_in_either_form(bool isTwoByte, string descriptor)
    {
        var packet = Packet(isTwoByte, (12, "0BAD0B"), (5, descriptor));

        var (elements, _) = Forward(packet, Subscriber, allowsTwoByteForm: true, frameNumber: 0xBEEF);

        Assert.Contains("12=" + descriptor[..2] + "BEEF" + descriptor[6..], elements);
    }

    [Fact]
    public void Extension_that_the_subscriber_did_not_agree_to_is_left_out()
    {
        var without = new Dictionary<string, byte>(Subscriber);
        without.Remove(HeaderExtensionUri.PlayoutDelay);
        without.Remove(HeaderExtensionUri.AbsCaptureTime);

        var (elements, _) = Forward(Packet(isTwoByte: false, (6, Delay), (14, Orientation), (1, CaptureTime)), without, allowsTwoByteForm: true);

        Assert.Equal(["1=7A", "4=" + Orientation, "5=000042", "6=0017"], elements);
    }

    private static (List<string> Elements, ushort Profile) Forward(byte[] packet, Dictionary<string, byte> subscriber, bool allowsTwoByteForm, ushort? frameNumber = null)
    {
        Assert.True(RtpPacketView.TryParse(packet, out var source, out _));
        var rewrite = new RtpHeaderRewrite
        {
            PayloadType = new(45),
            SequenceNumber = 1,
            Timestamp = new(2),
            Ssrc = new(3),
            Marker = false,
            MidExtensionId = subscriber[HeaderExtensionUri.Mid],
            Mid = "z"u8,
            AbsSendTimeExtensionId = subscriber[HeaderExtensionUri.AbsSendTime],
            AbsSendTime = 0x42,
            TransportSequenceNumberExtensionId = subscriber[HeaderExtensionUri.TransportSequenceNumber],
            TransportSequenceNumber = 0x17,
            DependencyDescriptorId = frameNumber is null ? (byte)0 : subscriber[HeaderExtensionUri.DependencyDescriptor],
            FrameNumber = frameNumber ?? 0,
            AllowsTwoByteForm = allowsTwoByteForm,
        };
        var buffer = new byte[source.HeaderLength + RtpHeaderWriter.MaximumGrowth];
        var length = RtpHeaderWriter.Write(buffer, source, rewrite, HeaderExtensionMap.Between(Publisher, subscriber));
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var written, out _));
        var elements = new SortedDictionary<byte, string>();
        foreach (var element in written.Extensions)
            elements.Add(element.Id, $"{element.Id}={Convert.ToHexString(element.Value)}");
        return ([.. elements.Values], written.ExtensionProfile);
    }

    private static byte[] Packet(bool isTwoByte, params (byte Id, string Value)[] elements)
    {
        var body = new List<byte>();
        foreach (var (id, hex) in elements)
        {
            var value = Convert.FromHexString(hex);
            body.AddRange(isTwoByte ? [id, (byte)value.Length] : [(byte)((id << 4) | (value.Length - 1))]);
            body.AddRange(value);
        }
        while (body.Count % 4 != 0)
            body.Add(0);
        byte[] packet = [0x90, 45, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, .. body, 0xFF];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(12), isTwoByte ? HeaderExtensionEnumerator.TwoByteProfile : HeaderExtensionEnumerator.OneByteProfile);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(14), (ushort)(body.Count / 4));
        return packet;
    }
}
