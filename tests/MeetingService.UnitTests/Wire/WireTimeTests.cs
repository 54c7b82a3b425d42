using MeetingService.Wire;

namespace MeetingService.UnitTests.Wire;

public sealed class WireTimeTests
{
    [Theory]
    [InlineData("1544010993")]
    [InlineData("2018-12-05T11:56:33Z")]
    [InlineData("2018-12-05T11:56:33.000Z")]
    [InlineData("2018-12-05T13:56:33+02:00")]
    [InlineData("Wed Dec 05 2018 13:56:33 GMT+0200 (Eastern European Standard Time)")]
    [InlineData("Wed Dec 05 2018 11:56:33 GMT+0000")]
    public void One_moment_has_many_forms(string text)
    {
        Assert.True(WireTime.TryParse(text, out var moment));
        Assert.Equal(1_544_010_993, moment.ToUnixTimeSeconds());
        Assert.Equal(TimeSpan.Zero, moment.Offset);
    }

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("1544010993000")]
    [InlineData("NaN")]
    [InlineData("1e9")]
    [InlineData("2018-13-05")]
    public void Anything_else_is_no_moment(string text) => Assert.False(WireTime.TryParse(text, out _));
}
