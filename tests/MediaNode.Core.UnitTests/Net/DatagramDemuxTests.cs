using MediaNode.Core.Net;

namespace MediaNode.Core.UnitTests.Net;

public sealed class DatagramDemuxTests
{
    [Theory]
    [InlineData(0, 1, PacketKind.Stun)]
    [InlineData(3, 0, PacketKind.Stun)]
    [InlineData(4, 0, PacketKind.Unknown)]
    [InlineData(19, 0, PacketKind.Unknown)]
    [InlineData(20, 254, PacketKind.Dtls)]
    [InlineData(63, 254, PacketKind.Dtls)]
    [InlineData(64, 0, PacketKind.Unknown)]
    [InlineData(127, 0, PacketKind.Unknown)]
    [InlineData(128, 96, PacketKind.Rtp)]
    [InlineData(128, 191, PacketKind.Rtp)]
    [InlineData(128, 192, PacketKind.Rtcp)]
    [InlineData(191, 223, PacketKind.Rtcp)]
    [InlineData(191, 224, PacketKind.Rtp)]
    [InlineData(192, 200, PacketKind.Unknown)]
    public void First_two_bytes_name_the_protocol(byte first, byte second, PacketKind expected) =>
        Assert.Equal(expected, DatagramDemux.Classify([first, second]));

    [Fact]
    public void Less_than_two_bytes_is_no_protocol()
    {
        Assert.Equal(PacketKind.Unknown, DatagramDemux.Classify([]));
        Assert.Equal(PacketKind.Unknown, DatagramDemux.Classify([128]));
    }
}
