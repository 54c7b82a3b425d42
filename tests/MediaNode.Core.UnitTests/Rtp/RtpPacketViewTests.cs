using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Rtp;

public sealed class RtpPacketViewTests
{
    // V=2, P, X, CC=1, M, PT 111, seq 0x1234, ts 0x01020304, ssrc 0x0A0B0C0D, one CSRC,
    // one-byte extension: id 1 = "0", id 3 = AA BB CC, padding; payload DE AD; padding 2.
    private static readonly byte[] Packet = Convert.FromHexString("b1ef1234010203040a0b0c0d11223344bede0002103032aabbcc0000dead0002");

    [Fact]
    public void All_fields_are_read()
    {
        Assert.True(RtpPacketView.TryParse(Packet, out var view, out _));

        Assert.True(view.Marker);
        Assert.Equal(new PayloadType(111), view.PayloadType);
        Assert.Equal(0x1234, view.SequenceNumber);
        Assert.Equal(new RtpTimestamp(0x01020304), view.Timestamp);
        Assert.Equal(new Ssrc(0x0A0B0C0D), view.Ssrc);
        Assert.Equal(28, view.HeaderLength);
        Assert.Equal(2, view.PaddingLength);
        Assert.Equal([0xDE, 0xAD], view.Payload.ToArray());
        Assert.True(view.TryGetExtension(1, out var mid));
        Assert.Equal("0"u8.ToArray(), mid.ToArray());
        Assert.True(view.TryGetExtension(3, out var value));
        Assert.Equal([0xAA, 0xBB, 0xCC], value.ToArray());
        Assert.False(view.TryGetExtension(2, out _));
    }

    [Fact]
    public void Protected_packet_is_read_without_its_encrypted_padding_count()
    {
        Assert.True(RtpPacketView.TryParseProtected(Packet, out var view, out _));

        Assert.Equal(0, view.PaddingLength);
        Assert.Equal(4, view.Payload.Length);
    }

    [Theory]
    [InlineData("", ParseFailure.Truncated)]
    [InlineData("80600001000000000000", ParseFailure.Truncated)]
    [InlineData("406000010000000000000001", ParseFailure.WrongVersion)]
    [InlineData("816000010000000000000001", ParseFailure.Truncated)]
    [InlineData("906000010000000000000001", ParseFailure.Truncated)]
    [InlineData("906000010000000000000001bede0001", ParseFailure.Truncated)]
    [InlineData("a06000010000000000000001", ParseFailure.WrongPadding)]
    [InlineData("a0600001000000000000000100", ParseFailure.WrongPadding)]
    [InlineData("a0600001000000000000000102", ParseFailure.WrongPadding)]
    public void Broken_packet_is_refused_with_its_reason(string hex, ParseFailure expected)
    {
        Assert.False(RtpPacketView.TryParse(Convert.FromHexString(hex), out _, out var failure));
        Assert.Equal(expected, failure);
    }

    [Fact]
    public void Packet_of_padding_only_has_no_payload()
    {
        Assert.True(RtpPacketView.TryParse(Convert.FromHexString("a06000010000000000000001000003"), out var view, out _));
        Assert.True(view.Payload.IsEmpty);
        Assert.Equal(3, view.PaddingLength);
    }

    [Theory]
    [InlineData("bede000210aaf0bb20cc0000", "1:AA")]
    [InlineData("bede000210aa00002fcc0000", "1:AA")]
    [InlineData("bede00010000 10aa", "1:AA")]
    [InlineData("100000020102aabb0f000301", "1:AABB 15:")]
    [InlineData("1000000101020000", "1:0000")]
    [InlineData("1234000110aa0000", "")]
    public void Elements_are_walked_until_id_15_or_the_end(string extension, string expected)
    {
        var packet = Convert.FromHexString("906000010000000000000001" + extension.Replace(" ", "", StringComparison.Ordinal));
        Assert.True(RtpPacketView.TryParse(packet, out var view, out _));
        var found = new List<string>();
        foreach (var element in view.Extensions)
            found.Add($"{element.Id}:{Convert.ToHexString(element.Value)}");

        Assert.Equal(expected, string.Join(' ', found));
    }
}
