using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LoadGenerator.Measuring;

namespace Comparison.Servers;

/// <summary>
/// The whole platform, as ./platform starts it, with one media node of one worker: the node alone has core 0, everything else core 1, unless told otherwise. Clients come
/// through the gateway.
/// </summary>
internal sealed class PlatformServer : IServer
{
    private const string Node = "media-0";
    private const int NodeCore = 0;
    private const int OtherCore = 1;

    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(60);

    /// <summary>Memory stands still when it changed by less than this for so long.</summary>
    private const long SettledBytes = 500_000;
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(3);

    private readonly string _script;
    private readonly Dictionary<string, string> _environment;
    private readonly string _state = System.IO.Directory.CreateTempSubdirectory("comparison").FullName;
    private List<int> _processes = [];
    private bool _allOnItsCore;

    private PlatformServer(string root)
    {
        _script = Path.Combine(root, "platform");
        _environment = new()
        {
            ["PLATFORM_STATE"] = _state,
            ["Node__AdvertisedAddresses__0"] = "127.0.0.1",
            // The product ends at 12 people in a room; here the machine is to be the limit.
            ["Rooms__MaximumParticipants"] = "0",
            // A node refuses people before those who are there suffer; here it is to be found what it carries.
            ["Node__MaximumWorkerLoad"] = "1",
            ["Node__MaximumPacketsPerSecond"] = "10000000",
            ["Node__MaximumMegabitsPerSecond"] = "100000",
            ["RateLimit__PerAddress__Burst"] = "100000",
            ["RateLimit__PerAddress__PerSecond"] = "100000",
        };
    }

    public string Name => "this platform";

    public int ProcessId { get; private set; }

    public IReadOnlyList<string> GeneratorArguments { get; private set; } = [];

    public static async Task<PlatformServer> StartAsync(string root)
    {
        // PostgreSQL does not run as root, so its user has to get to its data.
        var server = new PlatformServer(root);
        File.SetUnixFileMode(server._state, File.GetUnixFileMode(server._state) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        await server.PlatformAsync("up", "--detach", "--port", $"{FreePort()}", "--replicas", "MediaNode=1,SignalingService=1", $"--Media:FirstPort={FreePort()}");
        await server.FindNodeAsync(0);
        return server;
    }

    /// <summary>The platform starts a node again that has ended.</summary>
    public async Task RestartAsync()
    {
        var old = ProcessId;
        await Shell.RunAsync("kill", [$"{old}"]);
        await FindNodeAsync(old);
        await SettleAsync();
    }

    public async Task PlaceAsync(bool allOnItsCore)
    {
        _allOnItsCore = allOnItsCore;
        foreach (var process in _processes)
            await PinAsync(process);
    }

    public async ValueTask DisposeAsync()
    {
        await PlatformAsync("down");
        System.IO.Directory.Delete(_state, recursive: true);
    }

    private Task<string> PlatformAsync(params string[] arguments) => Shell.RunAsync(_script, arguments, _environment);

    /// <summary>Waits for a healthy node of another process than the old one, and gives each process its core.</summary>
    private async Task FindNodeAsync(int old)
    {
        var limit = Stopwatch.StartNew();
        while (limit.Elapsed < RestartPatience)
        {
            using var status = JsonDocument.Parse(await StatusAsync());
            var services = status.RootElement.GetProperty("services").EnumerateArray().ToList();
            var node = services.Find(service => service.GetProperty("name").GetString() == Node);
            if (services.TrueForAll(service => service.GetProperty("state").GetString() == "healthy") && node.GetProperty("pid").GetInt32() != old)
            {
                var application = status.RootElement.GetProperty("application");
                GeneratorArguments = Shell.Words(
                    $"--server {status.RootElement.GetProperty("gateway")} --application {application.GetProperty("id")}:{application.GetProperty("authKey")}");
                ProcessId = node.GetProperty("pid").GetInt32();
                _processes = [.. services.Select(service => service.GetProperty("pid").GetInt32())];
                await PlaceAsync(_allOnItsCore);
                await PrioritizeAsync();
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
        throw new InvalidOperationException($"the platform did not become healthy: {await StatusAsync()}");
    }

    /// <summary>A process that has just started goes on to compile what its libraries do by themselves: waits until its memory stands still.</summary>
    private async Task SettleAsync()
    {
        var process = new ServerProcesses([ProcessId]);
        var limit = Stopwatch.StartNew();
        for (var (memory, since) = (process.MemoryBytes(), Stopwatch.StartNew()); since.Elapsed < Settled && limit.Elapsed < RestartPatience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250));
            if (process.MemoryBytes() is var now && Math.Abs(now - memory) > SettledBytes)
                (memory, since) = (now, Stopwatch.StartNew());
        }
    }

    /// <summary>The command ends with 1 while something is not healthy, and says what.</summary>
    private async Task<string> StatusAsync()
    {
        using var process = Shell.Start(_script, ["status", "--json"], _environment);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    private async Task PinAsync(int process)
    {
        var core = process == ProcessId || _allOnItsCore ? NodeCore : OtherCore;
        await Shell.RunAsync("taskset", ["-a", "-p", "-c", $"{core}", $"{process}"]);
        foreach (var child in await ChildrenAsync(process))
            await PinAsync(child);
    }

    /// <summary>As bench/prioritized does for the others: the platform's processes are one session.</summary>
    private async Task PrioritizeAsync()
    {
        if (Environment.GetEnvironmentVariable("PRIORITY") is { Length: > 0 } priority)
            await File.WriteAllTextAsync($"/proc/{ProcessId}/autogroup", priority);
    }

    private static async Task<int[]> ChildrenAsync(int process)
    {
        var file = $"/proc/{process}/task/{process}/children";
        var text = File.Exists(file) ? await File.ReadAllTextAsync(file) : "";
        return [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(int.Parse)];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
