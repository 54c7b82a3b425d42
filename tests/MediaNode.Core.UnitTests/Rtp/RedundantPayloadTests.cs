using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Rtp;

public sealed class RedundantPayloadTests
{
    /// <summary>
    /// RFC 2198 section 4, the example packet: a block of DVI4 (payload type 5) and a redundant one of LPC (7), here with 3 and 2 bytes of audio.
    /// The timestamp offset of the redundant one is 160.
    /// </summary>
    private static readonly byte[] Example = Convert.FromHexString("87028002" + "05" + "A1A2" + "B1B2B3");

    [Fact]
    public void Blocks_of_the_example_of_the_rfc_are_read()
    {
        Assert.True(RedundantPayload.TryParse(Example, out var payload, out var failure));

        Assert.Equal(ParseFailure.None, failure);
        Assert.Equal(1, payload.RedundantCount);
        var redundant = payload[0];
        Assert.Equal((new PayloadType(7), 160u), (redundant.PayloadType, redundant.TimestampOffset));
        Assert.Equal("A1A2", Convert.ToHexString(redundant.Data));
        Assert.Equal(new PayloadType(5), payload.PrimaryPayloadType);
        Assert.Equal("B1B2B3", Convert.ToHexString(payload.Primary));
        Assert.False(payload.IsAllOf(new(5)));
    }

    [Fact]
    public void Largest_offset_and_length_of_a_block_are_read()
    {
        byte[] bytes = [0xEF, 0xFF, 0xFF, 0xFF, 0x6F, .. new byte[RedundantBlock.MaximumBytes], 9];

        Assert.True(RedundantPayload.TryParse(bytes, out var payload, out _));

        Assert.Equal(0x3FFFu, payload[0].TimestampOffset);
        Assert.Equal(RedundantBlock.MaximumBytes, payload[0].Data.Length);
        Assert.Equal([9], payload.Primary.ToArray());
        Assert.True(payload.IsAllOf(new(111)));
    }

    [Fact]
    public void Blocks_are_found_behind_each_other_an_empty_one_too()
    {
        // Offsets 1920 and 960; the older block has no bytes.
        Assert.True(RedundantPayload.TryParse(Convert.FromHexString("EF1E0000" + "EF0F0002" + "6F" + "C1C2" + "D1"), out var payload, out _));

        Assert.Equal(2, payload.RedundantCount);
        Assert.Equal(1920u, payload[0].TimestampOffset);
        Assert.True(payload[0].Data.IsEmpty);
        Assert.Equal(960u, payload[1].TimestampOffset);
        Assert.Equal("C1C2", Convert.ToHexString(payload[1].Data));
        Assert.Equal("D1", Convert.ToHexString(payload.Primary));
    }

    [Fact]
    public void Primary_block_may_be_alone()
    {
        Assert.True(RedundantPayload.TryParse([0x6F, 1, 2], out var payload, out _));

        Assert.Equal(0, payload.RedundantCount);
        Assert.Equal([1, 2], payload.Primary.ToArray());
    }

    [Fact]
    public void Every_truncation_that_leaves_no_primary_block_is_refused()
    {
        for (var length = 0; length < Example.Length - 2; length++)
            Assert.False(RedundantPayload.TryParse(Example.AsSpan(0, length), out _, out _), $"{length} bytes");
        Assert.True(RedundantPayload.TryParse(Example.AsSpan(0, Example.Length - 2), out _, out _));
    }

    [Theory]
    [InlineData("", ParseFailure.Truncated)]
    [InlineData("EF0F00", ParseFailure.Truncated)]
    [InlineData("EF0F0002", ParseFailure.Truncated)]
    [InlineData("6F", ParseFailure.WrongLength)]
    [InlineData("EF0F03FF6F0102", ParseFailure.WrongLength)]
    [InlineData("EF0F00026FC1C2", ParseFailure.WrongLength)]
    public void Payload_that_lies_about_its_blocks_is_refused(string hex, ParseFailure expected)
    {
        Assert.False(RedundantPayload.TryParse(Convert.FromHexString(hex), out _, out var failure));
        Assert.Equal(expected, failure);
    }

    [Theory]
    [InlineData(RedundantPayload.MaximumBlocks, true)]
    [InlineData(RedundantPayload.MaximumBlocks + 1, false)]
    public void Number_of_blocks_is_bounded(int blocks, bool isTaken)
    {
        byte[] bytes = [.. Enumerable.Repeat<byte[]>([0xEF, 0, 0, 0], blocks - 1).SelectMany(header => header), 0x6F, 1];

        Assert.Equal(isTaken, RedundantPayload.TryParse(bytes, out _, out var failure));
        Assert.Equal(isTaken ? ParseFailure.None : ParseFailure.TooMany, failure);
    }

    [Fact]
    public void Payload_types_of_all_blocks_are_rewritten_and_nothing_else()
    {
        var bytes = Convert.FromHexString("EF1E0000" + "EF0F0002" + "6F" + "EFEF" + "6F");

        Assert.True(RedundantPayload.TryParse(bytes, out var payload, out _));
        new RedundantPayloadEditor(bytes, payload).SetPayloadType(new(96));

        Assert.Equal("E01E0000" + "E00F0002" + "60" + "EFEF" + "6F", Convert.ToHexString(bytes));
    }
}
