using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("Weekly\r\nBcc: all@example.org", "Weekly Bcc: all@example.org")]
    [InlineData("a\u0000b\u0085c\u2028d\u2029e\u000Bf", "a b c d e f")]
    [InlineData("  many \t spaces  ", "many spaces")]
    [InlineData("\r\n", "")]
    [InlineData(null, "")]
    public void Text_becomes_one_line_without_controls(string? text, string expected)
    {
        Assert.Equal(expected, PlainText.OneLine(text));
    }

    [Theory]
    [InlineData("اجتماع الفريق")]
    [InlineData("פגישת צוות")]
    [InlineData("Stand-up 👩🏽‍💻🎉")]
    [InlineData("Žanis Bērziņš")]
    public void Names_of_any_script_and_emoji_stay_as_they_are(string name)
    {
        Assert.Equal(name, PlainText.OneLine(name));
    }

    [Fact]
    public void Characters_that_turn_a_line_around_are_taken_out()
    {
        Assert.Equal("abcd", PlainText.OneLine("a\u202Eb\u2066c\u2069d"));
    }

    [Fact]
    public void A_lone_surrogate_becomes_the_replacement_character()
    {
        Assert.Equal("a\uFFFDb", PlainText.OneLine("a" + '\uD83D' + "b"));
    }

    [Fact]
    public void A_long_name_is_cut_between_visible_characters()
    {
        var family = "👨‍👩‍👧";

        var shortened = PlainText.OneLine(string.Concat(Enumerable.Repeat(family, 200)));

        Assert.Equal(string.Concat(Enumerable.Repeat(family, PlainText.LongestName)) + "…", shortened);
    }

    [Fact]
    public void Endless_combining_marks_are_bounded()
    {
        Assert.InRange(PlainText.OneLine("a" + new string('\u0301', 1_000_000)).Length, 1, 5000);
    }
}
