using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AppHost.Local.Processes;
using AppHost.Local.Servers;
using Platform.Testing;

namespace AppHost.Tests;

/// <summary>The built services under the engine, on free ports, beside whatever else runs on the machine.</summary>
public sealed class WholePlatformTests : IDisposable
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(180);

    private readonly HostProcess _host = new();
    private readonly List<string> _output = [];

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Platform_comes_up_replaces_a_crashed_service_and_leaves_nothing_when_stopped()
    {
        await using var host = await UpAsync();
        var status = await _host.StatusAsync();
        Assert.True(status.GetProperty("application").GetProperty("id").GetInt64() > 0);
        Assert.Equal(9, status.GetProperty("services").GetArrayLength());
        Assert.All(Services(status), service => Assert.True(service.GetProperty("memoryBytes").GetInt64() > 0));
        using var client = new HttpClient();
        using var health = await client.GetAsync(new Uri(status.GetProperty("gateway").GetString() + "/health"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);

        var crashed = ProcessId(status, "notifications");
        Posix.Send(crashed, Signal.Kill);
        await Eventually.BecomesTrue(
            async () => ProcessIdOrNull(await _host.StatusAsync(), "notifications") is { } next && next != crashed, UpLimit, "another process in its place");

        var processes = Services(await _host.StatusAsync()).Select(service => service.GetProperty("pid")).Where(id => id.ValueKind == JsonValueKind.Number)
            .Select(id => id.GetInt32()).ToList();
        var (exitCode, _) = await _host.RunAsync("down");
        Assert.Equal(0, exitCode);
        Assert.Equal(0, await host.Exited);
        Assert.DoesNotContain(processes, id => ProcessTable.Read(id) is not null);
        Assert.NotEqual(0, (await _host.RunAsync("status")).ExitCode);
    }

    [Fact]
    public async Task Killed_host_takes_everything_with_it()
    {
        await using var host = await UpAsync("--replicas", "MediaNode=1,SignalingService=1");
        var processes = Services(await _host.StatusAsync()).Select(service => service.GetProperty("pid").GetInt32()).ToList();
        Assert.Equal(7, processes.Count);

        Posix.Send(host.Id, Signal.Kill);
        await Eventually.BecomesTrue(
            () => processes.TrueForAll(id => ProcessTable.Read(id) is not { IsRunning: true }), TimeSpan.FromSeconds(60), "no service, server or broker left");
    }

    [Fact]
    public async Task Taken_port_stops_the_start_with_a_next_step()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var (exitCode, output) = await _host.RunAsync("up", "--port", port.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1, exitCode);
        Assert.Contains($"Port {port} is taken by", output, StringComparison.Ordinal);
        Assert.Contains("--port", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_server_stops_the_start_and_says_how_to_install_it()
    {
        var (exitCode, output) = await _host.RunAsync(new Dictionary<string, string?> { [ServerBinaries.RabbitMqVariable] = "/nonexistent" }, "up");
        Assert.Equal(1, exitCode);
        Assert.Contains("RabbitMQ is not installed", output, StringComparison.Ordinal);
        Assert.Contains(ServerBinaries.InstallRabbitMq, output, StringComparison.Ordinal);
    }

    private async Task<ChildProcess> UpAsync(params string[] arguments)
    {
        var host = await _host.StartAsync(_output.Add, ["up", "--port", FreePort.Tcp().ToString(CultureInfo.InvariantCulture), .. arguments]);
        await Eventually.BecomesTrue(() => host.Exited.IsCompleted || Snapshot().Contains("The platform is up", StringComparison.Ordinal), UpLimit, "the platform is up");
        Assert.False(host.Exited.IsCompleted, Snapshot());
        return host;
    }

    private string Snapshot() => string.Join('\n', _output.ToArray());

    private static JsonElement.ArrayEnumerator Services(JsonElement status) => status.GetProperty("services").EnumerateArray();

    private static int? ProcessIdOrNull(JsonElement status, string name) =>
        Services(status).Single(service => service.GetProperty("name").GetString() == name) is var service
        && service.GetProperty("state").GetString() == "healthy" ? service.GetProperty("pid").GetInt32() : null;

    private static int ProcessId(JsonElement status, string name) => ProcessIdOrNull(status, name) ?? throw new InvalidOperationException($"{name} is not healthy.");
}
