namespace Documentation.Tests;

public sealed class PathReferencesTests
{
    [Theory]
    [InlineData("See [closing](closing.md#rooms).", "docs/closing.md")]
    [InlineData("![A call](images/call.png \"Four people\")", "docs/images/call.png")]
    [InlineData("Run `dotnet run --project tests/Gone.Tests` now.", "tests/Gone.Tests")]
    [InlineData("`./platform up --port 1`", "./platform")]
    [InlineData("One `tests/<Service>.UnitTests` each", "tests/")]
    public void Link_or_path_in_back_ticks_is_found(string markdown, string expected) =>
        Assert.Equal([expected], PathReferences.Find(markdown, "docs"));

    [Theory]
    [InlineData("[RFC](https://www.rfc-editor.org/rfc/rfc8445) and [below](#limits)")]
    [InlineData("`application/json`, src/gone.cs without back-ticks")]
    [InlineData("```\ncat `src/gone.cs`\n```")]
    public void What_names_no_place_of_the_repository_is_passed_over(string markdown) =>
        Assert.Empty(PathReferences.Find(markdown, "docs"));
}
