using MediaNode.Core.Forwarding.Statistics;
using MediaNode.Transport;

namespace MediaNode.Telemetry;

/// <summary>Reads what the workers know of their peers, a few at a time, so that no packet waits long for it.</summary>
internal sealed class PeerReader(WorkerPool workers)
{
    /// <summary>Peers read in one go: at 64 streams each, which is the most, about two milliseconds.</summary>
    private const int PeersAtOnce = 32;

    /// <param name="roomId">Null for all rooms.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="WorkerOverloadedException">A worker has too much else to do.</exception>
    public async Task<List<PeerStatistics>> ReadAsync(string? roomId, CancellationToken cancellationToken)
    {
        var all = new List<PeerStatistics>();
        var asked = roomId is null ? workers.Workers : workers.Find(roomId) is { } one ? [one] : [];
        foreach (var worker in asked)
        {
            var peers = await worker.InvokeAsync((engine, _) => engine.ListPeers(roomId));
            foreach (var some in peers.Chunk(PeersAtOnce))
            {
                cancellationToken.ThrowIfCancellationRequested();
                all.AddRange(await worker.InvokeAsync((engine, now) => engine.ReadStatistics(some, now)));
            }
        }
        return all;
    }
}
