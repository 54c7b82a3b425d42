using System.Diagnostics;

namespace AppHost.Local.Processes;

/// <summary>A running process of ours, whose output lines go to one listener. Disposing kills what is left of it.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>A killed process is gone as soon as the kernel gets to it; longer means it hangs in the kernel.</summary>
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private bool _disposed;

    private ChildProcess(Process process) => _process = process;

    public int Id { get; private init; }

    /// <summary>Completes with the exit code once the process has ended and its output is read.</summary>
    public Task<int> Exited { get; private init; } = Task.FromResult(0);

    /// <param name="onLine">Called for each line of output and of errors, one at a time.</param>
    public static async Task<ChildProcess> StartAsync(ChildCommand command, Action<string>? onLine = null)
    {
        var process = new Process { StartInfo = command.ToStartInfo() };
        await ProcessStarter.StartAsync(process);
        process.StandardInput.Close();
        var gate = new Lock();
        var listen = (string line) =>
        {
            lock (gate)
                onLine?.Invoke(line);
        };
        var read = Task.WhenAll(ReadAsync(process.StandardOutput, listen), ReadAsync(process.StandardError, listen));
        return new(process) { Id = process.Id, Exited = WaitAsync(process, read) };
    }

    /// <summary>Runs a short command to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(ChildCommand command, CancellationToken cancellationToken = default)
    {
        var output = new List<string>();
        await using var child = await StartAsync(command, output.Add);
        var exitCode = await child.Exited.WaitAsync(cancellationToken);
        return (exitCode, string.Join('\n', output));
    }

    /// <summary>Asks with <paramref name="signal"/>, and kills the whole group when <paramref name="limit"/> has passed or the leader has gone.</summary>
    /// <returns>True when it ended by itself in time.</returns>
    public async Task<bool> StopAsync(Signal signal, TimeSpan limit)
    {
        if (!_process.HasExited)
            Posix.Send(Id, signal);
        var inTime = await EndsWithin(limit);
        if (!inTime)
            Posix.Send(Id, Signal.Kill);
        Posix.SendToGroup(Id, Signal.Kill);
        if (!inTime)
            await EndsWithin(KillLimit);
        return inTime;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await StopAsync(Signal.Kill, KillLimit);
        _process.Dispose();
    }

    private async Task<bool> EndsWithin(TimeSpan limit)
    {
        using var cancel = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(cancel.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync() is { } line)
            onLine(line);
    }

    /// <summary>Grandchildren may hold the output open after the child has ended; they do not keep it from counting as ended.</summary>
    private static async Task<int> WaitAsync(Process process, Task read)
    {
        await process.WaitForExitAsync();
        await Task.WhenAny(read, Task.Delay(TimeSpan.FromSeconds(1)));
        return process.ExitCode;
    }
}
