using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>Takes in what its client got at the very moment it came, and wants to be called again at moments of its own.</summary>
internal interface ITimedReceiver
{
    Instant NextTimeout { get; }

    void Receive(Instant now);

    void HandleTimeout(Instant now);
}
