using MediaNode.Transport;

namespace MediaNode.Admission;

/// <summary>What the whole node carries before it refuses more.</summary>
/// <param name="Peers">PeerConnections.</param>
/// <param name="PacketsPerSecond">RTP packets sent.</param>
/// <param name="BitsPerSecond">Of RTP packets sent.</param>
/// <param name="WorkerLoad">Share of its time that a worker's thread works, 0 to 1; from 1 on nothing is refused for it.</param>
internal sealed record NodeLimits(int Peers, long PacketsPerSecond, long BitsPerSecond, double WorkerLoad)
{
    /// <summary>
    /// Packets per second and worker where nothing is set. One thread sends about 300,000 a second in large rooms (see docs/media/statistics.md for how to
    /// measure yours); the thread's load is the limit that binds on slower machines.
    /// </summary>
    public const long PacketsPerSecondAndWorker = 250_000;

    /// <summary>Bits per second and worker where nothing is set: that many packets of 1,000 bytes.</summary>
    public const long BitsPerSecondAndWorker = PacketsPerSecondAndWorker * 1000 * 8;

    public static NodeLimits From(NodeOptions options, int workers) => new(
        options.MaximumPeers,
        options.MaximumPacketsPerSecond > 0 ? options.MaximumPacketsPerSecond : workers * PacketsPerSecondAndWorker,
        options.MaximumMegabitsPerSecond > 0 ? options.MaximumMegabitsPerSecond * 1_000_000L : workers * BitsPerSecondAndWorker,
        options.MaximumWorkerLoad);
}
