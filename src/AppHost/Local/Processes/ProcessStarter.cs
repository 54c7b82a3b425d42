using System.Collections.Concurrent;
using System.Diagnostics;

namespace AppHost.Local.Processes;

/// <summary>
/// Starts processes from one thread that lives as long as this process: the kernel's parent-death signal is tied to the thread that forked,
/// and a pool thread that retires would take its children with it.
/// </summary>
internal static class ProcessStarter
{
    /// <summary>Starts waiting for their turn; a platform has some ten processes.</summary>
    private const int QueueCapacity = 256;

    private static readonly BlockingCollection<(Process Process, TaskCompletionSource Started)> Queue = new(QueueCapacity);

    static ProcessStarter() => new Thread(Run) { IsBackground = true, Name = "process starter" }.Start();

    /// <exception cref="System.ComponentModel.Win32Exception">The executable was not found or may not run.</exception>
    public static async Task StartAsync(Process process)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Queue.Add((process, started));
        await started.Task;
    }

    private static void Run()
    {
        foreach (var (process, started) in Queue.GetConsumingEnumerable())
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception problem)
            {
                started.SetException(problem);
            }
        }
    }
}
