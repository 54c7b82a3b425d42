using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Comparison.Servers;

/// <summary>Debian's Janus with one event loop, from bench/janus/run.</summary>
internal sealed class JanusServer : IServer
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    /// <summary>After overload Janus may hang when it is told to stop.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly string _script;
    private readonly int _port = FreePort();
    private Process? _process;

    private JanusServer(string root) => _script = Path.Combine(root, "bench", "janus", "run");

    public string Name => "Janus 1.1.2, tuned";

    public int ProcessId => _process!.Id;

    public IReadOnlyList<string> GeneratorArguments => Shell.Words($"--server http://127.0.0.1:{_port}");

    public static async Task<JanusServer> StartAsync(string root)
    {
        var server = new JanusServer(root);
        await server.StartAsync();
        return server;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>It is one process.</summary>
    public Task PlaceAsync(bool allOnItsCore) => Task.CompletedTask;

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task StartAsync()
    {
        _process = Shell.Start(_script, [], new Dictionary<string, string> { ["PORT"] = $"{_port}", ["CORE"] = "0" });
        // Whoever writes to a full pipe stands still, so what is written is read.
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var limit = Stopwatch.StartNew();
        while (!await AcceptsAsync())
        {
            if (_process.HasExited || limit.Elapsed > StartPatience)
                throw new InvalidOperationException($"Janus did not start; try {_script}");
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }
    }

    private async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        await Shell.RunAsync("kill", [$"{process.Id}"]);
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
        process.Dispose();
    }

    private async Task<bool> AcceptsAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
