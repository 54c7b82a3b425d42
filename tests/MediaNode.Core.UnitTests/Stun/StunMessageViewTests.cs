using MediaNode.Core.Stun;

namespace MediaNode.Core.UnitTests.Stun;

public sealed class StunMessageViewTests
{
    [Fact]
    public void Request_of_rfc_5769_is_read()
    {
        Assert.True(StunMessageView.TryParse(Rfc5769.Request, out var view, out _));

        Assert.Equal(StunClass.Request, view.Class);
        Assert.Equal(StunMethod.Binding, view.Method);
        Assert.Equal("evtj:h6vY"u8.ToArray(), view.Username.ToArray());
        Assert.Equal(0x6e0001ffu, view.Priority);
        Assert.Equal(0x932ff9b151263b36u, view.IceControlled);
        Assert.Null(view.IceControlling);
        Assert.False(view.UseCandidate);
        Assert.True(view.HasFingerprint);
        Assert.False(view.HasUnknownComprehensionRequired);
        Assert.True(view.VerifyIntegrity(Rfc5769.Password));
        Assert.False(view.VerifyIntegrity("another password"u8));
    }

    [Fact]
    public void Responses_of_rfc_5769_tell_the_mapped_address()
    {
        Assert.True(StunMessageView.TryParse(Rfc5769.ResponseIPv4, out var ipv4, out _));
        Assert.True(ipv4.TryGetXorMappedAddress(out var first));
        Assert.True(ipv4.VerifyIntegrity(Rfc5769.Password));
        Assert.Equal("192.0.2.1:32853", first.ToString());

        Assert.True(StunMessageView.TryParse(Rfc5769.ResponseIPv6, out var ipv6, out _));
        Assert.True(ipv6.TryGetXorMappedAddress(out var second));
        Assert.True(ipv6.VerifyIntegrity(Rfc5769.Password));
        Assert.Equal("[2001:db8:1234:5678:11:2233:4455:6677]:32853", second.ToString());
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (var length = 0; length < Rfc5769.Request.Length; length++)
        {
            Assert.False(StunMessageView.TryParse(Rfc5769.Request.AsSpan(0, length), out _, out var failure));
            Assert.NotEqual(ParseFailure.None, failure);
        }
    }

    [Theory]
    [InlineData(0, 0x80, ParseFailure.WrongType)]
    [InlineData(3, 0x5a, ParseFailure.WrongLength)]
    [InlineData(4, 0x22, ParseFailure.WrongVersion)]
    [InlineData(22, 0x01, ParseFailure.Truncated)]
    [InlineData(40, 0x01, ParseFailure.WrongChecksum)]
    [InlineData(43, 0x05, ParseFailure.WrongLength)]
    public void Changed_byte_is_refused_with_its_reason(int index, byte value, ParseFailure expected)
    {
        var bytes = Rfc5769.Request.ToArray();
        bytes[index] = value;

        Assert.False(StunMessageView.TryParse(bytes, out _, out var failure));
        Assert.Equal(expected, failure);
    }

    [Fact]
    public void Attribute_behind_message_integrity_is_ignored()
    {
        Span<byte> buffer = stackalloc byte[256];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, default);
        writer.WriteMessageIntegrity("key"u8);
        writer.WriteUseCandidate();

        Assert.True(StunMessageView.TryParse(buffer[..writer.Length], out var view, out _));
        Assert.True(view.VerifyIntegrity("key"u8));
        Assert.False(view.UseCandidate);
    }

    [Fact]
    public void Attribute_behind_fingerprint_is_refused()
    {
        Span<byte> buffer = stackalloc byte[256];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, default);
        writer.WriteFingerprint();
        writer.WriteUseCandidate();

        Assert.False(StunMessageView.TryParse(buffer[..writer.Length], out _, out var failure));
        Assert.Equal(ParseFailure.WrongOrder, failure);
    }
}
