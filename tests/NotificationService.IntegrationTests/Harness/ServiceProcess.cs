using System.Collections.Concurrent;
using System.Diagnostics;

namespace NotificationService.IntegrationTests.Harness;

/// <summary>The service as a process of its own, to be killed.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private const string ListeningLine = "Now listening on: ";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(Process process)
    {
        _process = process;
        _process.EnableRaisingEvents = true;
        _process.Exited += (_, _) => _address.TrySetException(new InvalidOperationException($"The service ended: {string.Join('\n', _output)}"));
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
    }

    public string Output => string.Join('\n', _output);

    public static async Task<ServiceProcess> StartAsync(IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(NotificationServiceHost).Assembly.Location);
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var service = new ServiceProcess(new Process { StartInfo = start });
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        await Readiness.UntilReadyAsync(await service._address.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        return service;
    }

    /// <summary>SIGKILL: the process gets no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (line.IndexOf(ListeningLine, StringComparison.Ordinal) is >= 0 and var at)
            _address.TrySetResult(new Uri(line[(at + ListeningLine.Length)..].Trim()));
    }
}
