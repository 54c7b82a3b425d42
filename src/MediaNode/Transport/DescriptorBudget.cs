using static MediaNode.Transport.LinuxSockets;

namespace MediaNode.Transport;

/// <summary>
/// How many of the process's file descriptors the clients' TCP connections may take. A process without any left cannot accept a command, reach the broker or
/// open a file, and clients must not bring that about.
/// </summary>
internal static class DescriptorBudget
{
    /// <summary>Kept for everything else: some 200 of the runtime and the node's own sockets, and the control connections, twice <see cref="MaximumControlConnections"/>.</summary>
    public const int Reserve = 512;

    /// <summary>Connections for commands, and as many for probes and statistics. A signalling instance has one.</summary>
    public const int MaximumControlConnections = 128;

    /// <summary>Descriptors that this process may have open: .NET has raised the soft limit to the hard one.</summary>
    public static unsafe long Limit
    {
        get
        {
            ResourceLimit limit;
            return OperatingSystem.IsLinux() && GetLimit(OpenFiles, &limit) == 0 ? (long)Math.Min(limit.Soft, long.MaxValue) : long.MaxValue;
        }
    }

    /// <summary>TCP connections for each worker: what the reserve leaves, or a quarter where it would leave less.</summary>
    public static int StreamsPerWorker(long limit, int workers) =>
        (int)Math.Min(StreamPort.MaximumConnections, Math.Max(limit - Reserve, limit / 4) / workers);
}
