using System.Reflection;
using AppHost.Local.Builds;
using AppHost.Local.Servers;
using AppHost.Local.State;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Commands;

internal static class Dispatcher
{
    public const int Success = 0;
    public const int Failure = 1;
    private const int Misused = 2;

    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(CommandLine line, IReadOnlyList<IResource> resources)
    {
        if (line.Mistake is { } mistake)
        {
            await Console.Error.WriteLineAsync(mistake);
            return Misused;
        }
        var folder = AppHostFolder();
        var state = StateFolder.Open(Path.GetFullPath("../..", folder));
        return line.Verb switch
        {
            "status" => StatusCommand.Run(state, line.IsJson),
            "down" => await DownCommand.RunAsync(state),
            "doctor" => await DoctorCommand.RunAsync(state, resources),
            "model" => ModelCommand.Run(resources),
            "page" => await PageCommandAsync(folder),
            "await" => await AwaitCommand.RunAsync(state, line.ProcessId),
            _ => await new UpCommand(resources, state, folder, line.Builds).RunAsync(),
        };
    }

    private static async Task<int> PageCommandAsync(string folder)
    {
        try
        {
            await PageBuild.RunAsync(folder, _ => { }, CancellationToken.None);
            return Success;
        }
        catch (Exception problem) when (problem is BuildFailedException or MissingSoftwareException)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return Failure;
        }
    }

    /// <summary>Written into the assembly by its build.</summary>
    public static string AppHostFolder() =>
        Assembly.GetEntryAssembly()?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(item => item.Key == "AppHostFolder")?.Value
        ?? throw new InvalidOperationException("The app host was built without Local/AppHost.Local.targets, which notes its folder.");
}
