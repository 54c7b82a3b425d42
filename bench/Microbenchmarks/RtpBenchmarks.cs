using BenchmarkDotNet.Attributes;
using MediaNode.Core.Rtp;

namespace Microbenchmarks;

/// <summary>What every forwarded packet goes through besides cryptography.</summary>
[MemoryDiagnoser]
public class RtpBenchmarks
{
    private readonly byte[] _packet = SamplePackets.Video(1100);
    private readonly byte[] _header = new byte[SamplePackets.HeaderBytes + RtpHeaderWriter.MaximumGrowth];
    private readonly byte[] _mid = [(byte)'7'];
    private readonly HeaderExtensionMap _map = HeaderExtensionMap.DropAll.With(5, 5).With(6, 6);

    [Benchmark]
    public int ParseHeader() => RtpPacketView.TryParseProtected(_packet, out var view, out _) ? view.HeaderLength : 0;

    [Benchmark]
    public int FindExtension() =>
        RtpPacketView.TryParseProtected(_packet, out var view, out _) && view.TryGetExtension(3, out var value) ? value[1] : 0;

    [Benchmark]
    public int RewriteHeader()
    {
        if (!RtpPacketView.TryParse(_packet, out var view, out _))
            return 0;
        var rewrite = new RtpHeaderRewrite
        {
            PayloadType = new(96),
            SequenceNumber = 1234,
            Timestamp = new(5678),
            Ssrc = new(4321),
            Marker = true,
            MidExtensionId = 4,
            Mid = _mid,
            AbsSendTimeExtensionId = 2,
            AbsSendTime = 0x123456,
            TransportSequenceNumberExtensionId = 3,
            TransportSequenceNumber = 99,
        };
        return RtpHeaderWriter.Write(_header, view, rewrite, _map);
    }

    [Benchmark]
    public int ParseVp8Descriptor() =>
        Vp8PayloadDescriptor.TryParse(_packet.AsSpan(SamplePackets.HeaderBytes), out var descriptor, out _) ? descriptor.Length : 0;
}
