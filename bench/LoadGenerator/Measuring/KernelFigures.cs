namespace LoadGenerator.Measuring;

/// <summary>What takes the kernel milliseconds to tell: to be read beside the media loop, and not while it is measured how late packets come.</summary>
/// <param name="ServerMemoryBytes">Resident set of the server's processes.</param>
/// <param name="Drops">By local port.</param>
internal sealed record KernelFigures(long ServerMemoryBytes, Dictionary<int, long> Drops)
{
    public static KernelFigures Read(ServerProcesses server) => new(server.MemoryBytes(), SocketDrops.Read());
}
