using LoadGenerator.Linux;
using LoadGenerator.Loop;
using LoadGenerator.Measuring;
using MediaNode.Core.Dtls;

namespace LoadGenerator.Peers;

/// <summary>What all PeerConnections of a run share. Used on the loop's thread only, except for making it.</summary>
internal sealed class PeerContext : IDisposable
{
    /// <summary>
    /// What browsers offer first where they offer AES-GCM. AES-256-GCM is left out: some servers prefer it, and two servers are to be compared with the
    /// same work per packet.
    /// </summary>
    private const string SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    public PeerContext(RunOptions options)
    {
        Options = options;
        Dtls = new(Certificate, SrtpProfiles);
        Loop = new(options.Coalesce);
    }

    public RunOptions Options { get; }

    public DtlsCertificate Certificate { get; } = DtlsCertificate.CreateSelfSigned();

    public DtlsContext Dtls { get; }

    public MediaLoop Loop { get; }

    public SendBatch Sending { get; } = new();

    public Tally Tally { get; } = new();

    /// <summary>From sending a packet to receiving it, over all subscribers, within the measurement.</summary>
    public LatencyHistogram Latency { get; } = new();

    /// <summary>For simulated losses: the same ones in each run.</summary>
    public Random Chance { get; } = new(1);

    public void Dispose()
    {
        Loop.Dispose();
        Sending.Dispose();
        Dtls.Dispose();
        Certificate.Dispose();
    }
}
