using System.Buffers.Binary;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.UnitTests.Srtp;

/// <summary>Keys and packets for the SRTP tests.</summary>
internal static class SrtpPackets
{
    internal static readonly TheoryData<SrtpProfile> Profiles = [SrtpProfile.Aes128CmHmacSha1_80, SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm];

    internal static SrtpSender NewSender(SrtpProfile profile) => new(profile, Key(profile), Salt(profile));

    internal static SrtpReceiver NewReceiver(SrtpProfile profile) => new(profile, Key(profile), Salt(profile));

    /// <summary>A header with two CSRCs and a one-byte extension of 8 bytes, and the payload behind it.</summary>
    internal static byte[] Rtp(uint ssrc, ushort sequenceNumber, int payloadBytes, out int headerLength)
    {
        headerLength = 12 + 8 + 4 + 8;
        var packet = new byte[headerLength + payloadBytes];
        packet[0] = 0x80 | 0x10 | 2;
        packet[1] = 96;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequenceNumber);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), 0xBEDE);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), 2);
        for (var i = headerLength; i < packet.Length; i++)
            packet[i] = (byte)(i * 7);
        return packet;
    }

    internal static byte[] ProtectedRtp(SrtpSender sender, uint ssrc, ulong index, int payloadBytes = 40)
    {
        var plain = Rtp(ssrc, (ushort)index, payloadBytes, out var headerLength);
        var packet = new byte[plain.Length + sender.RtpOverhead];
        plain.CopyTo(packet, 0);
        var length = sender.ProtectRtp(packet, headerLength, plain.AsSpan(headerLength), index);
        Assert.Equal(packet.Length, length);
        return packet;
    }

    internal static byte[] Rtcp(uint ssrc)
    {
        var packet = new byte[28];
        packet[0] = 0x80;
        packet[1] = 200;
        packet[3] = 6;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), ssrc);
        return packet;
    }

    internal static byte[] ProtectedRtcp(SrtpSender sender, uint ssrc)
    {
        var plain = Rtcp(ssrc);
        var packet = new byte[plain.Length + sender.RtcpOverhead];
        plain.CopyTo(packet, 0);
        Assert.Equal(packet.Length, sender.ProtectRtcp(packet, plain.Length));
        return packet;
    }

    internal static SrtpFailure Receive(SrtpReceiver receiver, byte[] packet, out ulong index)
    {
        var opened = receiver.TryUnprotectRtp(packet.ToArray(), out _, out index, out var failure);
        Assert.Equal(opened, failure == SrtpFailure.None);
        return failure;
    }

    private static byte[] Key(SrtpProfile profile) => [.. Enumerable.Range(1, profile.KeyBytes()).Select(i => (byte)i)];

    private static byte[] Salt(SrtpProfile profile) => [.. Enumerable.Range(100, profile.SaltBytes()).Select(i => (byte)i)];
}
