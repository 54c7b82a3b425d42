using System.Runtime.InteropServices;
using MediaNode.Transport;

namespace MediaNode.Control;

/// <summary>The first SIGTERM (or Ctrl-C) drains the node, the second ends it at once; the framework's own lifetime would end it at the first.</summary>
internal sealed class SignalLifetime(
    Drain drain, NodeState node, WorkerPool workers, IHostApplicationLifetime lifetime, ILogger<SignalLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT])
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
        lifetime.ApplicationStarted.Register(() => logger.LogInformation("Application started. SIGTERM or Ctrl-C drains it, the second time it ends at once."));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        // Otherwise the process would be gone when this returns.
        context.Cancel = true;
        if (!node.IsDraining)
        {
            drain.Begin(null);
            return;
        }
        logger.LogWarning("{Signal} again: the node ends now, with {Peers} peers", context.Signal, workers.PeerCount);
        drain.EndNow();
    }
}
