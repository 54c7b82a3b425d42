using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>Who this process is, and whether it takes new rooms.</summary>
internal sealed class NodeState(IOptions<NodeOptions> options, IHostApplicationLifetime lifetime) : IDisposable
{
    private readonly CancellationTokenSource _draining = new();

    /// <summary>Unique per process start: a restarted node has none of the rooms of the one before.</summary>
    public string NodeId { get; } = $"{options.Value.Name}-{Guid.NewGuid():N}"[..(options.Value.Name.Length + 9)];

    /// <summary>Cancelled when the node begins to stop.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Cancelled when the node begins to drain.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>Takes no new room: it drains, or stops.</summary>
    public bool IsDraining => _draining.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested;

    public void BeginDrain() => _draining.Cancel();

    public void Dispose() => _draining.Dispose();
}
