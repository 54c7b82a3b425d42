using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Grpc.Net.Client;
using MediaNode.Control.V1;

namespace MediaNode.IntegrationTests.Fixtures;

/// <summary>A media node as a process of its own, without a broker: to be signalled, and to be watched as it ends.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private const string ListeningLine = "Now listening on: ";
    private const string StartedLine = "Application started";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly List<Uri> _addresses = [];
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcChannel? _channel;

    private NodeProcess(Process process)
    {
        _process = process;
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _started.TrySetException(new InvalidOperationException($"The node ended: {Output}"));
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
    }

    public string Output => string.Join('\n', _output);

    public MediaControl.MediaControlClient Control => new(_channel!);

    /// <summary>Probes and statistics.</summary>
    public Uri Http => _addresses[0];

    public bool HasEnded => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Where media goes, by UDP and TCP.</summary>
    public int MediaPort => int.Parse(Regex.Match(Output, @"media worker 0 listens on UDP and TCP (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Time of all its threads.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Descriptors that it has open.</summary>
    public int OpenFiles => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    /// <param name="settings">Such as <c>Node__DrainSeconds</c>.</param>
    public static Task<NodeProcess> StartAsync(params (string Name, string Value)[] settings) => StartAsync(["dotnet"], settings);

    /// <param name="openFiles">Descriptors that it may have open at once.</param>
    public static Task<NodeProcess> StartLimitedAsync(int openFiles) => StartAsync(["prlimit", $"--nofile={openFiles}:{openFiles}", "dotnet"], []);

    /// <summary>Sets how many descriptors it may have open, up to the limit that it was started with.</summary>
    public async Task LimitOpenFilesAsync(int openFiles)
    {
        using var limit = Process.Start("prlimit", [$"--pid={_process.Id}", $"--nofile={openFiles}:"]);
        await limit.WaitForExitAsync();
        Assert.Equal(0, limit.ExitCode);
    }

    private static async Task<NodeProcess> StartAsync(string[] command, (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(MediaNodeHost).Assembly.Location);
        start.Environment["Node__Heartbeats"] = "false";
        start.Environment["Node__ListenAddress"] = "127.0.0.1";
        start.Environment["Node__AdvertisedAddresses__0"] = "127.0.0.1";
        start.Environment["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        var node = new NodeProcess(new() { StartInfo = start });
        node._process.Start();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        await node._started.Task.WaitAsync(TimeSpan.FromSeconds(60));
        // The control endpoint is the last that the node listens on.
        node._channel = GrpcChannel.ForAddress(node._addresses[^1]);
        return node;
    }

    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (line.IndexOf(ListeningLine, StringComparison.Ordinal) is >= 0 and var at)
            _addresses.Add(new(line[(at + ListeningLine.Length)..].Trim()));
        if (line.Contains(StartedLine, StringComparison.Ordinal))
            _started.TrySetResult();
    }
}
