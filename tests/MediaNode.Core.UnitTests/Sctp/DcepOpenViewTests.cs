using System.Text;
using MediaNode.Core.Sctp;

namespace MediaNode.Core.UnitTests.Sctp;

public sealed class DcepOpenViewTests
{
    public static TheoryData<DataChannelParameters> All =>
    [
        new DataChannelParameters("JanusDataChannel"),
        new DataChannelParameters("żółw", "chat", new(false, null, null)),
        new DataChannelParameters("", "", new(true, 0, null)),
        new DataChannelParameters("unordered", "", new(false, 5, null)),
        new DataChannelParameters("late", "", new(true, null, TimeSpan.FromMilliseconds(1500))),
    ];

    [Theory]
    [MemberData(nameof(All))]
    public void Open_is_read_as_it_was_written(DataChannelParameters parameters)
    {
        Assert.True(DcepOpenView.TryParse(DcepOpenView.Write(parameters), out var open, out _));
        Assert.Equal(parameters, open.ToParameters());
    }

    /// <summary>What Chromium sends for createDataChannel("JanusDataChannel").</summary>
    [Fact]
    public void Open_of_a_browser_is_read()
    {
        byte[] message = [3, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, .. Encoding.ASCII.GetBytes("JanusDataChannel")];
        Assert.True(DcepOpenView.TryParse(message, out var open, out _));
        Assert.Equal(new DataChannelParameters("JanusDataChannel"), open.ToParameters());
    }

    [Fact]
    public void Broken_opens_are_refused()
    {
        var good = DcepOpenView.Write(new("abc"));
        Assert.Equal(ParseFailure.Truncated, Parse(good[..11]));
        Assert.Equal(ParseFailure.WrongLength, Parse(good[..14]));
        Assert.Equal(ParseFailure.WrongLength, Parse([.. good, 1]));
        Assert.Equal(ParseFailure.WrongType, Parse([2, .. good[1..]]));
        Assert.Equal(ParseFailure.WrongValue, Parse([3, 3, .. good[2..]]));
        Assert.Equal(ParseFailure.WrongValue, Parse([.. good[..14], 0xFF]));
        Assert.Equal(ParseFailure.TooMany, Parse(DcepOpenView.Write(new(new string('x', DataChannelParameters.MaximumTextBytes + 1)))));
    }

    private static ParseFailure Parse(byte[] message) => DcepOpenView.TryParse(message, out _, out var failure) ? ParseFailure.None : failure;
}
