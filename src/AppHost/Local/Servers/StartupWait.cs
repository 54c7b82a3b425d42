using AppHost.Local.Processes;

namespace AppHost.Local.Servers;

internal static class StartupWait
{
    /// <summary>Asks until <paramref name="answers"/> says yes; fails at once when the process ends, and at <paramref name="limit"/>.</summary>
    /// <exception cref="ServerStartException">With the last lines of the server's output.</exception>
    public static async Task UntilAnswersAsync(
        string name, ChildProcess process, LastLines lines, Func<CancellationToken, Task<bool>> answers, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit);
        try
        {
            while (!await answers(timer.Token))
            {
                await Task.WhenAny(process.Exited, Task.Delay(TimeSpan.FromMilliseconds(100), timer.Token));
                if (process.Exited.IsCompleted)
                    throw new ServerStartException($"{name} ended with exit code {await process.Exited} while it started.", lines.Take());
                timer.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ServerStartException($"{name} did not answer within {limit.TotalSeconds:0} s.", lines.Take());
        }
    }
}
