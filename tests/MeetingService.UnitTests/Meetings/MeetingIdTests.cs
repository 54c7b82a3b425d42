using MeetingService.Meetings;

namespace MeetingService.UnitTests.Meetings;

public sealed class MeetingIdTests
{
    [Fact]
    public void Ids_are_24_lower_case_hex_characters_with_a_letter_and_never_repeat()
    {
        var ids = Enumerable.Range(0, 20_000).Select(_ => MeetingId.New()).ToList();

        Assert.All(ids, id =>
        {
            Assert.Matches("^[0-9a-f]{24}$", id);
            Assert.Matches("[a-f]", id);
        });
        Assert.Distinct(ids);
    }

    [Theory]
    [InlineData("")]
    [InlineData("session-1")]
    [InlineData("ABCDEFABCDEFABCDEFABCDEF")]
    [InlineData("abcdefabcdefabcdefabcdeg")]
    [InlineData("abcdefabcdefabcdefabcdef0")]
    [InlineData("abcdefabcdefabcdefabcde\0")]
    public void Anything_else_is_not_an_id(string text) => Assert.False(MeetingId.IsWellFormed(text));
}
