using System.Text.Json;
using MeetingService.Wire;

namespace MeetingService.UnitTests.Wire;

public sealed class FieldReaderTests
{
    [Fact]
    public void Every_mistake_is_named_in_one_answer()
    {
        var fields = Read("""{"a":1,"b":"x","c":[]}""");
        fields.Text("a", 5);
        fields.Flag("b");
        fields.Nested("c");

        Assert.Equal(["a", "b", "c"], fields.Problem!.Errors.Keys.Order());
        Assert.Equal(422, fields.Problem.Status);
    }

    [Fact]
    public void Absent_and_null_read_alike_but_only_null_is_there()
    {
        var fields = Read("""{"a":null}""");

        Assert.Null(fields.Text("a", 5));
        Assert.Null(fields.Text("b", 5));
        Assert.Null(fields.Problem);
        Assert.True(fields.Has("a"));
        Assert.False(fields.Has("b"));
    }

    [Fact]
    public void Texts_of_one_answer_are_bounded()
    {
        var fields = Read("{}");
        for (var i = 0; i < 1000; i++)
            fields.Refuse("attendees", $"{i} is wrong");

        Assert.Equal(20, fields.Problem!.Errors["attendees"].Length);
    }

    [Theory]
    [InlineData("\"12\"", true, 12L)]
    [InlineData("12", true, 12L)]
    [InlineData("\"12\"", false, null)]
    [InlineData("12.5", true, null)]
    [InlineData("99999999999999999999", true, null)]
    [InlineData("\"\\ud800\"", true, null)]
    public void Whole_numbers_come_as_text_only_where_said(string json, bool orText, long? expected) =>
        Assert.Equal(expected, Read($"{{\"n\":{json}}}").Whole("n", 1, long.MaxValue, orText));

    private static FieldReader Read(string json) => new(JsonDocument.Parse(json).RootElement);
}
