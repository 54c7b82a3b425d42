using AppHost.Local.Processes;
using AppHost.Local.State;

namespace AppHost.Local.Commands;

/// <summary>Shows what a detached platform writes while it starts, until it is ready or has ended.</summary>
internal static class AwaitCommand
{
    public static async Task<int> RunAsync(StateFolder folder, int processId)
    {
        using var stop = new StopSignals();
        using var output = new StreamReader(new FileStream(folder.Log("platform"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (true)
        {
            var isRunning = ProcessTable.Read(processId) is { IsRunning: true };
            var isReady = isRunning && PlatformState.Read(folder) is { IsReady: true } state && state.ProcessId == processId;
            Console.Write(await output.ReadToEndAsync());
            if (isReady)
                return Dispatcher.Success;
            if (!isRunning)
                return Dispatcher.Failure;
            if (stop.Token.IsCancellationRequested)
                Posix.Send(processId, Signal.Terminate);
            await Task.Delay(100);
        }
    }
}
