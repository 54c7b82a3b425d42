using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>Who this process is, and whether it takes new rooms.</summary>
internal sealed class NodeState(IOptions<NodeOptions> options, IHostApplicationLifetime lifetime)
{
    /// <summary>Unique per process start: a restarted node has none of the rooms of the one before.</summary>
    public string NodeId { get; } = $"{options.Value.Name}-{Guid.NewGuid():N}"[..(options.Value.Name.Length + 9)];

    /// <summary>Cancelled when the node begins to stop.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Takes no new room: it is stopping.</summary>
    public bool IsDraining => lifetime.ApplicationStopping.IsCancellationRequested;
}
