using MediaNode.Core.Srtp;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Srtp;

public sealed class SrtpRoundTripTests
{
    public static TheoryData<SrtpProfile> Profiles => SrtpPackets.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtp_with_csrcs_and_extension_comes_back_whatever_its_length(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);

        foreach (var payloadBytes in new[] { 0, 1, 15, 16, 17, 160, 1160 })
        {
            var plain = SrtpPackets.Rtp(ssrc: 7, (ushort)payloadBytes, payloadBytes, out var headerLength);
            var packet = SrtpPackets.ProtectedRtp(sender, ssrc: 7, (ulong)payloadBytes, payloadBytes);
            Assert.Equal(plain[..headerLength], packet[..headerLength]);

            Assert.True(receiver.TryUnprotectRtp(packet, out var length, out var index, out var failure), failure.ToString());

            Assert.Equal(plain, packet[..length]);
            Assert.Equal((ulong)payloadBytes, index);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void In_place_gives_the_same_bytes_as_from_another_buffer(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        var apart = SrtpPackets.ProtectedRtp(sender, ssrc: 7, index: 5);
        var plain = SrtpPackets.Rtp(ssrc: 7, sequenceNumber: 5, payloadBytes: 40, out var headerLength);
        var inPlace = new byte[plain.Length + sender.RtpOverhead];
        plain.CopyTo(inPlace, 0);

        sender.ProtectRtp(inPlace, headerLength, inPlace.AsSpan(headerLength, 40), index: 5);

        Assert.Equal(apart, inPlace);
        Assert.Throws<ArgumentException>(() => sender.ProtectRtp(inPlace, headerLength, inPlace.AsSpan(headerLength - 1, 40), index: 5));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rtcp_comes_back(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);

        for (var i = 0; i < 10; i++)
        {
            var packet = SrtpPackets.ProtectedRtcp(sender, ssrc: 7);
            Assert.True(receiver.TryUnprotectRtcp(packet, out var length, out var failure), failure.ToString());
            Assert.Equal(SrtpPackets.Rtcp(ssrc: 7), packet[..length]);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Nothing_is_allocated_per_packet(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var plain = SrtpPackets.Rtp(ssrc: 7, sequenceNumber: 0, payloadBytes: 1000, out var headerLength);
        var rtp = new byte[plain.Length + sender.RtpOverhead];
        var rtcp = new byte[28 + sender.RtcpOverhead];
        var plainRtcp = SrtpPackets.Rtcp(ssrc: 7);
        ushort next = 0;
        Exchange(100);

        var received = 0;
        var allocated = Allocations.Of(_ => received += Exchange(250));

        Assert.Equal(2000, received);
        Assert.Equal(0, allocated);

        int Exchange(int packets)
        {
            var opened = 0;
            for (var i = 0; i < packets; i++, next++)
            {
                plain.AsSpan(0, headerLength).CopyTo(rtp);
                System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(rtp.AsSpan(2), next);
                sender.ProtectRtp(rtp, headerLength, plain.AsSpan(headerLength), next);
                opened += receiver.TryUnprotectRtp(rtp, out _, out _, out _) ? 1 : 0;
                plainRtcp.CopyTo(rtcp, 0);
                sender.ProtectRtcp(rtcp, plainRtcp.Length);
                opened += receiver.TryUnprotectRtcp(rtcp, out _, out _) ? 1 : 0;
            }

            return opened;
        }
    }

    [Fact]
    public void Index_beyond_48_bits_is_refused()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);

        Assert.Throws<ArgumentOutOfRangeException>(() => sender.ProtectRtp(new byte[100], 12, [], 1UL << 48));
    }
}
