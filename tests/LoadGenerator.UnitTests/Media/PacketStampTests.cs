using LoadGenerator.Media;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace LoadGenerator.UnitTests.Media;

public sealed class PacketStampTests
{
    private readonly PacketStamp _stamp = new(7, 1L << 40, Instant.FromSeconds(12.5));

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void A_stamp_survives_in_a_VP8_packet_that_a_server_can_read(bool isFirst, bool isKeyFrame)
    {
        var payload = new byte[200];
        PayloadPattern.WriteVp8(payload, isFirst, isKeyFrame, 0x7FFF);
        _stamp.Write(payload.AsSpan(PacketStamp.VideoOffset));

        Assert.True(PacketStamp.TryRead(payload, isVideo: true, out var read));
        Assert.Equal(_stamp, read);
        Assert.True(Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _));
        Assert.Equal((isFirst, (ushort?)0x7FFF, true), (descriptor.StartsFrame, descriptor.PictureId, descriptor.HasLongPictureId));
        Assert.Equal(isFirst && isKeyFrame, PayloadPattern.StartsKeyFrame(payload));
    }

    [Fact]
    public void A_stamp_survives_in_an_opus_packet()
    {
        var payload = new byte[80];
        PayloadPattern.WriteOpus(payload);
        _stamp.Write(payload.AsSpan(PacketStamp.AudioOffset));

        Assert.True(PacketStamp.TryRead(payload, isVideo: false, out var read));
        Assert.Equal(_stamp, read);
    }

    [Fact]
    public void A_payload_that_is_too_short_has_no_stamp()
    {
        Assert.False(PacketStamp.TryRead(new byte[PacketStamp.AudioOffset + PacketStamp.Length - 1], isVideo: false, out _));
        Assert.False(PacketStamp.TryRead([], isVideo: true, out _));
    }
}
