using AppHost.Local.Commands;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>
/// The part of Aspire's API that this platform's app model uses, run as plain processes of this machine: no container engine, no dashboard.
/// </summary>
public sealed class DistributedApplication
{
    private readonly CommandLine _commandLine;

    internal DistributedApplication(IReadOnlyList<IResource> resources, CommandLine commandLine) =>
        (Resources, _commandLine) = (resources, commandLine);

    internal IReadOnlyList<IResource> Resources { get; }

    public static IDistributedApplicationBuilder CreateBuilder(string[] args) => new DistributedApplicationBuilder(args);

    /// <summary>Runs until it is told to stop. Sets the process's exit code.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    public async Task RunAsync() => Environment.ExitCode = await Dispatcher.RunAsync(_commandLine, Resources);
}
