using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;

namespace MediaNode.Core.UnitTests.Rtp;

public sealed class ExtendedSequenceNumberTests
{
    [Theory]
    [InlineData(10, 11, 11)]
    [InlineData(65535, 0, 65536)]
    [InlineData(65536, 65535, 65535)]
    [InlineData(0, 65535, -1)]
    [InlineData(0, 32767, 32767)]
    [InlineData(0, 32768, -32768)]
    [InlineData(200_000, 200_005 & 0xFFFF, 200_005)]
    public void Unwrap_takes_the_nearest_number(long highest, ushort wire, long expected)
    {
        var number = new ExtendedSequenceNumber(highest).Unwrap(wire);

        Assert.Equal(expected, number.Value);
        Assert.Equal(wire, number.Truncated);
    }

    [Fact]
    public void Text_is_the_number()
    {
        Assert.Equal("65537", new ExtendedSequenceNumber(65537).ToString());
        Assert.Equal("4294967295", new Tsn(uint.MaxValue).ToString());
    }

    [Theory]
    [InlineData(0u, 0xFFFFFFFFu, 1)]
    [InlineData(0xFFFFFFFFu, 0u, -1)]
    [InlineData(3000u, 1000u, 2000)]
    public void Timestamp_difference_holds_across_the_wrap(uint later, uint earlier, int expected)
    {
        Assert.Equal(expected, new RtpTimestamp(later).Since(new RtpTimestamp(earlier)));
        Assert.Equal(expected > 0, new RtpTimestamp(later).IsNewerThan(new RtpTimestamp(earlier)));
    }
}
