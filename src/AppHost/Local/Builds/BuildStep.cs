using AppHost.Local.Processes;
using AppHost.Local.Servers;

namespace AppHost.Local.Builds;

internal static class BuildStep
{
    /// <exception cref="BuildFailedException">With the end of what the tool wrote.</exception>
    /// <exception cref="MissingSoftwareException">The tool is not installed.</exception>
    public static async Task RunAsync(string what, string folder, string tool, string[] arguments, string install, Action<string> onLine, CancellationToken cancellationToken)
    {
        var lines = new LastLines();
        var command = new ChildCommand(tool, arguments)
        {
            WorkingDirectory = folder,
            // Build servers would stay behind as processes that nobody stops.
            Environment = new Dictionary<string, string?> { ["MSBUILDDISABLENODEREUSE"] = "1", ["UseSharedCompilation"] = "false" },
        };
        if (ServerBinaries.FindOnPath(tool) is null)
            throw new MissingSoftwareException(tool, install);
        await using var child = await ChildProcess.StartAsync(command, line =>
        {
            lines.Add(line);
            onLine(line);
        });
        if (await child.Exited.WaitAsync(cancellationToken) != 0)
            throw new BuildFailedException(what, lines.Take());
    }
}
