using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>What is in front of an address, or behind it.</summary>
internal interface IPath
{
    /// <returns>False when the datagram does not get through.</returns>
    /// <param name="bytes">Its length.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="random">Of the network.</param>
    /// <param name="left">When it has got through; the way itself takes longer.</param>
    bool TryPass(int bytes, Instant now, Random random, out Instant left);
}
