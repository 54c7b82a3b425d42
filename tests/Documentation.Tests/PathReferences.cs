using System.Text.RegularExpressions;

namespace Documentation.Tests;

/// <summary>The places of the repository that a Markdown text names: targets of its links, and paths in back-ticks.</summary>
internal static partial class PathReferences
{
    /// <summary>A word in back-ticks is a path from the repository's root when it begins so.</summary>
    private static readonly string[] Folders = ["src/", "tests/", "docs/", "bench/", "build/"];

    private const string Script = "./platform";

    /// <param name="markdown">The text.</param>
    /// <param name="folder">Of the document, from the repository's root, which links are relative to; empty for the root itself.</param>
    /// <returns>Paths from the repository's root.</returns>
    public static IEnumerable<string> Find(string markdown, string folder)
    {
        var prose = FencedBlock().Replace(markdown, "");
        var links = Link().Matches(prose)
            .Select(link => link.Groups["target"].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains(':', StringComparison.Ordinal))
            .Select(target => Path.Join(folder, target));
        var words = Code().Matches(prose)
            .SelectMany(code => code.Groups["code"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word == Script || Folders.Any(start => word.StartsWith(start, StringComparison.Ordinal)))
            .Select(UpToPlaceholder);
        return links.Concat(words).Distinct();
    }

    /// <summary>Of <c>tests/&lt;Service&gt;.UnitTests</c> or <c>docs/*.md</c> only the folder in front can be looked for.</summary>
    private static string UpToPlaceholder(string path) =>
        path.IndexOfAny(['<', '*', '{']) is >= 0 and var at ? path[..(path.LastIndexOf('/', at) + 1)] : path;

    [GeneratedRegex("^(?<fence>```|~~~).*?^\\k<fence>", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedBlock();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`(?<code>[^`\\n]+)`")]
    private static partial Regex Code();
}
