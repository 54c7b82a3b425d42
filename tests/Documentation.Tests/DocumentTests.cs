namespace Documentation.Tests;

/// <summary>Documents that name files which were moved or deleted mislead; this finds them.</summary>
public sealed class DocumentTests
{
    private static readonly string Root = FindRoot();

    private static readonly string[] Folders = ["docs", "bench"];

    public static TheoryData<string> Documents() =>
    [
        .. Directory.EnumerateFiles(Root, "*.md")
            .Concat(Folders.Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
            .Select(path => Path.GetRelativePath(Root, path)),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_that_a_document_names_exists(string document)
    {
        var markdown = File.ReadAllText(Path.Combine(Root, document));
        var missing = PathReferences.Find(markdown, Path.GetDirectoryName(document)!).Where(path => !Path.Exists(Path.Combine(Root, path)));
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("CHANGELOG.md")]
    [InlineData("docs/ARCHITECTURE.md")]
    [InlineData("docs/closing.md")]
    public void Document_that_readers_look_for_is_there_and_is_checked(string document) =>
        Assert.Contains(Documents(), row => row.Data == document);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("Platform.sln is in no folder above the tests.");
        return folder.FullName;
    }
}
