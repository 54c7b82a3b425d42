using System.Runtime.InteropServices;

namespace AppHost.Local.Commands;

/// <summary>Turns Ctrl-C and SIGTERM into a cancelled token, so that everything is stopped in order instead of at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _cancel = new();
    private readonly List<PosixSignalRegistration> _registrations;

    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel),
    ];

    public CancellationToken Token => _cancel.Token;

    public void Dispose()
    {
        _registrations.ForEach(registration => registration.Dispose());
        _cancel.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        context.Cancel = true;
        _cancel.Cancel();
    }
}
