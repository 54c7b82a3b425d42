using AppHost.Local.Processes;
using AppHost.Local.State;

namespace AppHost.Local.Commands;

/// <summary>Stops the platform that runs from the state folder, and returns when it is gone.</summary>
internal static class DownCommand
{
    /// <summary>The sum of what services, broker and database may take to stop, with room.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(75);

    public static async Task<int> RunAsync(StateFolder folder)
    {
        if (PlatformState.Read(folder) is not { } state)
        {
            Console.WriteLine($"No platform runs from {folder.Path}.");
            return Dispatcher.Success;
        }
        Posix.Send(state.ProcessId, Signal.Terminate);
        if (!await IsFreeWithinAsync(folder, StopLimit))
        {
            // Its children end with it: each has asked the kernel for a signal at the death of its starter.
            Posix.Send(state.ProcessId, Signal.Kill);
            await IsFreeWithinAsync(folder, StopLimit);
            foreach (var service in state.Services)
                await GoneAsync(service);
            Console.WriteLine("The platform did not stop by itself and was killed.");
            return Dispatcher.Failure;
        }
        Console.WriteLine("The platform has stopped.");
        return Dispatcher.Success;
    }

    private static async Task<bool> IsFreeWithinAsync(StateFolder folder, TimeSpan limit)
    {
        for (var deadline = DateTime.UtcNow + limit; DateTime.UtcNow < deadline; await Task.Delay(100))
        {
            using var free = folder.TryLock();
            if (free is not null)
                return true;
        }
        return false;
    }

    private static async Task GoneAsync(ServiceState service)
    {
        for (var deadline = DateTime.UtcNow + StopLimit; service.Pid is { } id && ProcessTable.Read(id) is { IsRunning: true }; await Task.Delay(100))
        {
            if (DateTime.UtcNow > deadline)
            {
                Posix.SendToGroup(id, Signal.Kill);
                return;
            }
        }
    }
}
