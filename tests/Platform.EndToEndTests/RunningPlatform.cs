using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using Platform.EndToEndTests;
using Platform.EndToEndTests.Telemetry;
using Platform.Testing;

[assembly: AssemblyFixture(typeof(RunningPlatform))]
// One platform, two cores: tests one after the other measure the platform and not one another.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Platform.EndToEndTests;

/// <summary>The whole platform, started as its users start it, beside any other on this machine: own port, own state.</summary>
public sealed class RunningPlatform : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly TraceCollector _traces = new();

    public Uri Gateway { get; private set; } = null!;

    public long ApplicationId { get; private set; }

    public string AuthKey { get; private set; } = "";

    public HttpClient Http { get; } = new();

    /// <summary>The services that took part in each trace so far.</summary>
    internal IEnumerable<IReadOnlyCollection<string>> Traces => _traces.Traces;

    public string State => System.IO.Path.Combine(_folder.Path, "state");

    public string Outbox => System.IO.Path.Combine(State, "outbox");

    private static string Script { get; } = FindScript();

    public async ValueTask InitializeAsync()
    {
        await _traces.StartAsync();
        var result = await RunAsync("up", "--detach", "--port", FreePort().ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(result.ExitCode == 0, $"./platform up --detach failed:\n{result.StandardOutput}\n{result.StandardError}");
        using var status = await StatusAsync();
        Gateway = new(status.RootElement.GetProperty("gateway").GetString()!);
        ApplicationId = status.RootElement.GetProperty("application").GetProperty("id").GetInt64();
        AuthKey = status.RootElement.GetProperty("application").GetProperty("authKey").GetString()!;
        Http.BaseAddress = Gateway;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await using var traces = _traces;
        // Never came up: there is nothing to stop, and the start's own message must not be hidden.
        if (Gateway is null)
            return;
        var processes = (await ServicesAsync()).Select(service => service.ProcessId).ToList();
        await RunAsync("down");
        Assert.All(processes, process => Assert.False(Directory.Exists($"/proc/{process}"), $"process {process} outlived ./platform down"));
        _folder.Dispose();
    }

    public async Task<IReadOnlyList<ServiceStatus>> ServicesAsync()
    {
        using var status = await StatusAsync();
        return [.. status.RootElement.GetProperty("services").EnumerateArray().Select(service => new ServiceStatus(
            service.GetProperty("name").GetString()!,
            service.GetProperty("pid").ValueKind == JsonValueKind.Number ? service.GetProperty("pid").GetInt32() : 0,
            service.GetProperty("address").GetString(),
            service.GetProperty("state").GetString()!))];
    }

    /// <summary>Everything a service has written to its log.</summary>
    public string Log(string service)
    {
        using var file = new FileStream(System.IO.Path.Combine(State, "logs", service + ".log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private async Task<JsonDocument> StatusAsync()
    {
        var result = await RunAsync("status", "--json");
        return JsonDocument.Parse(result.StandardOutput);
    }

    private Task<BufferedCommandResult> RunAsync(params string[] arguments) =>
        Cli.Wrap(Script)
            .WithArguments(arguments)
            .WithEnvironmentVariables(environment => environment
                .Set("PLATFORM_STATE", State)
                .Set("OTEL_EXPORTER_OTLP_ENDPOINT", _traces.Address.ToString())
                .Set("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                // Milliseconds between exports of spans: a test need not wait the usual five seconds.
                .Set("OTEL_BSP_SCHEDULE_DELAY", "500"))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string FindScript()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Platform.sln")))
                return System.IO.Path.Combine(folder.FullName, "platform");
        }
        throw new FileNotFoundException("no ./platform above the test's folder");
    }
}

/// <param name="Name">As in the app model, with the replica's number.</param>
/// <param name="ProcessId">0 while it is being started again.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="State">healthy, starting, …</param>
public sealed record ServiceStatus(string Name, int ProcessId, string? Address, string State);
