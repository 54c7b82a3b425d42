using System.Text.Json;
using AppHost.Local.Processes;
using Platform.Testing;

namespace AppHost.Tests;

/// <summary>The app host as people run it: a process with a state folder of its own.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string StateFolder => Path.Combine(_folder.Path, "state");

    public void Dispose() => _folder.Dispose();

    public Task<ChildProcess> StartAsync(Action<string> onLine, params string[] arguments) =>
        ChildProcess.StartAsync(Command(arguments), onLine);

    public Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Command(arguments), TestContext.Current.CancellationToken);

    /// <param name="variables">Added to the environment of the command.</param>
    public Task<(int ExitCode, string Output)> RunAsync(Dictionary<string, string?> variables, params string[] arguments)
    {
        var command = Command(arguments);
        return ChildProcess.RunAsync(
            command with { Environment = command.Environment.Concat(variables).ToDictionary() }, TestContext.Current.CancellationToken);
    }

    public async Task<JsonElement> StatusAsync()
    {
        var (_, output) = await RunAsync("status", "--json");
        return JsonDocument.Parse(output).RootElement.Clone();
    }

    private ChildCommand Command(string[] arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "AppHost.dll"), .. arguments])
    {
        Environment = new Dictionary<string, string?> { [AppHost.Local.State.StateFolder.Variable] = StateFolder },
    };
}
