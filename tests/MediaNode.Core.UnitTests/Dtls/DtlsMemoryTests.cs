using System.Runtime.InteropServices;
using MediaNode.Core.Dtls;

namespace MediaNode.Core.UnitTests.Dtls;

/// <summary>A node holds thousands of connections, nearly all of which carry nothing after their handshake.</summary>
public sealed partial class DtlsMemoryTests
{
    private const int Pairs = 100;

    /// <summary>Bytes of native memory; with its record buffers a connection has 76,000. Half of what is left is OpenSSL's buffer for handshake messages.</summary>
    private const long MostPerConnection = 50_000;

    [Fact]
    public void Connected_transport_gives_its_record_buffers_back()
    {
        using var clientContext = new DtlsContext(TestCertificates.Client);
        using var serverContext = new DtlsContext(TestCertificates.Server);
        var pairs = new List<DtlsPair>();
        try
        {
            pairs.Add(Connect(clientContext, serverContext));
            var before = AllocatedBytes();
            while (pairs.Count <= Pairs)
                pairs.Add(Connect(clientContext, serverContext));
            Assert.InRange((AllocatedBytes() - before) / (2 * Pairs), 0, MostPerConnection);
        }
        finally
        {
            pairs.ForEach(pair => pair.Dispose());
        }
    }

    private static DtlsPair Connect(DtlsContext client, DtlsContext server)
    {
        var pair = new DtlsPair(client, server);
        pair.Connect();
        return pair;
    }

    /// <summary>What malloc has given out, in all arenas.</summary>
    private static long AllocatedBytes() => (long)MallInfo2().AllocatedBytes;

    [LibraryImport("libc", EntryPoint = "mallinfo2")]
    private static partial MallocInformation MallInfo2();

    /// <summary>struct mallinfo2 of malloc.h (glibc 2.33): ten counts, of which uordblks is the one in use.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInformation
    {
        public nuint Arena, OrdinaryBlocks, FastBlocks, MappedBlocks, MappedBytes, MaximumBytes, FreeFastBytes, AllocatedBytes, FreeBytes, TopBytes;
    }
}
