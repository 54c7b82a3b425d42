using MediaNode.Core.Rtp;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Rtp;

public sealed class RtpHeaderWriterTests
{
    private static readonly HeaderExtensionMap Map = HeaderExtensionMap.DropAll.With(3, 7).With(4, 2);

    // One-byte extension: id 1 = "0" (publisher's MID, dropped), id 3 = AA BB CC (goes to 7), id 4 = 01 (id 2, which the rewrite writes itself).
    private static readonly byte[] OneByte = Convert.FromHexString("b1ef1234010203040a0b0c0d11223344bede0003103032aabbcc400100000000dead0002");

    private static RtpHeaderRewrite Rewrite(bool allowsTwoByteForm = false) => new()
    {
        PayloadType = new PayloadType(96),
        SequenceNumber = 0xFFFF,
        Timestamp = new RtpTimestamp(5),
        Ssrc = new Ssrc(6),
        Marker = false,
        MidExtensionId = 1,
        Mid = "12"u8,
        AbsSendTimeExtensionId = 2,
        AbsSendTime = 0x123456,
        TransportSequenceNumberExtensionId = 3,
        TransportSequenceNumber = 0x789A,
        AllowsTwoByteForm = allowsTwoByteForm,
    };

    [Fact]
    public void Forwarded_header_has_new_numbers_and_mapped_extensions()
    {
        Assert.True(RtpPacketView.TryParse(OneByte, out var source, out _));
        var buffer = new byte[source.HeaderLength + RtpHeaderWriter.MaximumGrowth];
        var length = RtpHeaderWriter.Write(buffer, source, Rewrite(), Map);

        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var view, out _));
        Assert.Equal(length, view.HeaderLength);
        Assert.Equal(new PayloadType(96), view.PayloadType);
        Assert.Equal(0xFFFF, view.SequenceNumber);
        Assert.Equal(new RtpTimestamp(5), view.Timestamp);
        Assert.Equal(new Ssrc(6), view.Ssrc);
        Assert.False(view.Marker);
        Assert.Equal(0, view.PaddingLength);
        Assert.Equal(source.ContributingSources.ToArray(), view.ContributingSources.ToArray());
        Assert.Equal("1=3132 2=123456 3=789A 7=AABBCC", Elements(view));
    }

    [Fact]
    public void Packet_without_extensions_stays_without()
    {
        Assert.True(RtpPacketView.TryParse(Convert.FromHexString("806000010000000000000001"), out var source, out _));
        var buffer = new byte[64];
        var length = RtpHeaderWriter.Write(buffer, source, new RtpHeaderRewrite { PayloadType = new(1), SequenceNumber = 2, Timestamp = new(3), Ssrc = new(4), Marker = true }, Map);

        Assert.Equal(12, length);
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var view, out _));
        Assert.False(view.HasExtension);
        Assert.True(view.Marker);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Element_of_more_than_16_bytes_needs_the_two_byte_form(bool allowsTwoByteForm)
    {
        var bytes = Convert.FromHexString("906000010000000000000001" + "10000005" + "0311" + new string('A', 34) + "00");
        Assert.True(RtpPacketView.TryParse(bytes, out var source, out _));
        var buffer = new byte[source.HeaderLength + RtpHeaderWriter.MaximumGrowth];
        var length = RtpHeaderWriter.Write(buffer, source, Rewrite(allowsTwoByteForm), Map);

        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var view, out _));
        var expected = "1=3132 2=123456 3=789A" + (allowsTwoByteForm ? " 7=" + new string('A', 34) : "");
        Assert.Equal(expected, Elements(view));
    }

    [Fact]
    public void Map_between_two_peers_leaves_out_what_concerns_one_hop()
    {
        var incoming = new Dictionary<string, byte> { [HeaderExtensionUri.Mid] = 1, [HeaderExtensionUri.AudioLevel] = 2, [HeaderExtensionUri.VideoOrientation] = 3, [HeaderExtensionUri.PlayoutDelay] = 4 };
        var outgoing = new Dictionary<string, byte> { [HeaderExtensionUri.Mid] = 9, [HeaderExtensionUri.AudioLevel] = 8, [HeaderExtensionUri.VideoOrientation] = 7 };
        var map = HeaderExtensionMap.Between(incoming, outgoing);

        Assert.Equal([0, 0, 8, 7, 0], new[] { map[0], map[1], map[2], map[3], map[4] });
        Assert.Equal(0, map[200]);
    }

    [Fact]
    public void Forwarding_a_header_allocates_nothing()
    {
        var buffer = new byte[128];
        Forward(buffer);

        Assert.Equal(0, Allocations.OfEach(0, 1000, _ => Forward(buffer)));
    }

    private static void Forward(byte[] buffer)
    {
        Assert.True(RtpPacketView.TryParse(OneByte, out var source, out _));
        RtpHeaderWriter.Write(buffer, source, Rewrite(), Map);
    }

    private static string Elements(in RtpPacketView view)
    {
        var found = new List<string>();
        foreach (var element in view.Extensions)
            found.Add($"{element.Id}={Convert.ToHexString(element.Value)}");
        return string.Join(' ', found);
    }
}
