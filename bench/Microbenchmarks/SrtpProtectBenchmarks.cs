using BenchmarkDotNet.Attributes;
using MediaNode.Core.Srtp;

namespace Microbenchmarks;

/// <summary>Protecting one RTP packet of audio's and of video's size.</summary>
[MemoryDiagnoser]
public class SrtpProtectBenchmarks : IDisposable
{
    private readonly byte[] _packet = new byte[1400];
    private byte[] _payload = [];
    private SrtpSender? _sender;
    private ulong _index;

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1_80)]
    public SrtpProfile Profile { get; set; }

    [Params(80, 1100)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _payload = new byte[PayloadBytes];
        _sender = new(Profile, new byte[16], SamplePackets.Salt(Profile));
        SamplePackets.Video(PayloadBytes).AsSpan(0, SamplePackets.HeaderBytes).CopyTo(_packet);
    }

    [Benchmark]
    public int Protect() => _sender!.ProtectRtp(_packet, SamplePackets.HeaderBytes, _payload, ++_index);

    [GlobalCleanup]
    public void Dispose()
    {
        _sender?.Dispose();
        GC.SuppressFinalize(this);
    }
}
