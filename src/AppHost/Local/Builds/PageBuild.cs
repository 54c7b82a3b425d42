namespace AppHost.Local.Builds;

/// <summary>Builds the web page when its sources are newer than what was built from them.</summary>
internal static class PageBuild
{
    private const string InstallNode = "apt-get install nodejs npm";

    public static async Task RunAsync(string appHostFolder, Action<string> onLine, CancellationToken cancellationToken)
    {
        var sources = Path.GetFullPath("../Gateway/Web", appHostFolder);
        var page = Path.GetFullPath("../Gateway/wwwroot/index.html", appHostFolder);
        if (!File.Exists(Path.Combine(sources, "package.json")) || Written(page) > NewestSource(sources))
            return;
        if (Written(Path.Combine(sources, "node_modules/.package-lock.json")) < Written(Path.Combine(sources, "package-lock.json")))
            await NpmAsync(["ci", "--no-audit", "--no-fund"]);
        await NpmAsync(["run", "build"]);

        Task NpmAsync(string[] arguments) =>
            BuildStep.RunAsync($"npm {arguments[0]} for the web page", sources, "npm", arguments, InstallNode, onLine, cancellationToken);
    }

    private static DateTime Written(string file) => File.Exists(file) ? File.GetLastWriteTimeUtc(file) : DateTime.MinValue;

    private static DateTime NewestSource(string folder) =>
        Directory.EnumerateDirectories(folder)
            .Where(child => Path.GetFileName(child) is not ("node_modules" or "dist"))
            .SelectMany(child => Directory.EnumerateFiles(child, "*", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(folder))
            .Max(File.GetLastWriteTimeUtc);
}
