using MediaNode.Core.Srtp;

namespace MediaNode.Core.UnitTests.Srtp;

public sealed class SrtpRefusalTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpPackets.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtp_with_any_bit_flipped_is_refused_and_changes_nothing(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var good = SrtpPackets.ProtectedRtp(sender, ssrc: 7, index: 100);

        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpFailure.None, SrtpPackets.Receive(receiver, bad, out _));
        }

        Assert.Equal(0, receiver.RtpSourceCount);
        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, good, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_with_any_bit_flipped_is_refused_and_changes_nothing(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var good = SrtpPackets.ProtectedRtcp(sender, ssrc: 7);

        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var bad = good.ToArray();
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(receiver.TryUnprotectRtcp(bad, out _, out _));
        }

        Assert.True(receiver.TryUnprotectRtcp(good, out _, out _));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Truncated_and_random_packets_of_every_length_never_throw(SrtpProfile profile)
    {
        var random = new Random(3);
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var rtp = SrtpPackets.ProtectedRtp(sender, ssrc: 7, index: 1, payloadBytes: 200);
        var rtcp = SrtpPackets.ProtectedRtcp(sender, ssrc: 7);

        for (var length = 0; length < rtp.Length; length++)
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            Assert.False(receiver.TryUnprotectRtp(rtp.AsSpan(0, length).ToArray(), out _, out _, out _));
            Assert.False(receiver.TryUnprotectRtp(noise.ToArray(), out _, out _, out _));
            Assert.False(receiver.TryUnprotectRtcp(rtcp.AsSpan(0, Math.Min(length, rtcp.Length - 1)).ToArray(), out _, out _));
            Assert.False(receiver.TryUnprotectRtcp(noise, out _, out _));
        }

        Assert.Equal(0, receiver.RtpSourceCount);
    }

    [Fact]
    public void Reasons_are_told_apart()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);
        var packet = SrtpPackets.ProtectedRtp(sender, ssrc: 7, index: 1);

        Assert.Equal(SrtpFailure.TooShort, SrtpPackets.Receive(receiver, packet[..27], out _));
        Assert.Equal(SrtpFailure.BadHeader, SrtpPackets.Receive(receiver, [0x40, .. packet[1..]], out _));
        Assert.Equal(SrtpFailure.BadHeader, SrtpPackets.Receive(receiver, packet[..40], out _)); // the extension reaches into the tag
        packet[22] = 0xFF; // the extension's length
        Assert.Equal(SrtpFailure.BadHeader, SrtpPackets.Receive(receiver, packet, out _));
    }

    [Fact]
    public void Unencrypted_rtcp_is_refused()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);
        var packet = SrtpPackets.ProtectedRtcp(sender, ssrc: 7);
        packet[^4] &= 0x7F;

        Assert.False(receiver.TryUnprotectRtcp(packet, out _, out var failure));
        Assert.Equal(SrtpFailure.NotEncrypted, failure);
    }
}
