using MediaNode.Transport;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>Who this process is, and whether it takes new rooms.</summary>
internal sealed class NodeState(IOptions<NodeOptions> options)
{
    /// <summary>Unique per process start: a restarted node has none of the rooms of the one before.</summary>
    public string NodeId { get; } = $"{options.Value.Name}-{Guid.NewGuid():N}"[..(options.Value.Name.Length + 9)];

    public bool IsDraining { get; private set; }

    public void Drain() => IsDraining = true;
}
