using BenchmarkDotNet.Attributes;
using MediaNode.Core.Srtp;

namespace Microbenchmarks;

/// <summary>Checking and decrypting one RTP packet of audio's and of video's size.</summary>
[MemoryDiagnoser]
[InvocationCount(1)]
public class SrtpUnprotectBenchmarks : IDisposable
{
    /// <summary>Packets of one iteration: the replay window lets each be opened only once, so each iteration opens a fresh series, once.</summary>
    private const int Series = 1000;

    private readonly byte[] _key = new byte[16];
    private byte[] _payload = [];
    private byte[][] _sealed = [];
    private byte[][] _opened = [];
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;

    [Params(SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmHmacSha1_80)]
    public SrtpProfile Profile { get; set; }

    [Params(80, 1100)]
    public int PayloadBytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _payload = new byte[PayloadBytes];
        _sender = new(Profile, _key, SamplePackets.Salt(Profile));
        _sealed = [.. Enumerable.Range(1, Series).Select(number => Seal((ushort)number))];
        _opened = [.. _sealed.Select(packet => packet.ToArray())];
    }

    /// <summary>Opening is in place, so the ciphertext has to come back, and a receiver that has seen none of it.</summary>
    [IterationSetup]
    public void Reset()
    {
        _receiver?.Dispose();
        _receiver = new(Profile, _key, SamplePackets.Salt(Profile));
        for (var i = 0; i < Series; i++)
            _sealed[i].CopyTo(_opened[i], 0);
        // The first packet of a source makes its replay window.
        var first = Seal(0);
        if (!_receiver.TryUnprotectRtp(first, out _, out _, out var failure))
            throw new InvalidOperationException($"{failure}");
    }

    [Benchmark(OperationsPerInvoke = Series)]
    public int Unprotect()
    {
        var total = 0;
        foreach (var packet in _opened)
        {
            if (!_receiver!.TryUnprotectRtp(packet, out var length, out _, out var failure))
                throw new InvalidOperationException($"{failure}");
            total += length;
        }
        return total;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _sender?.Dispose();
        _receiver?.Dispose();
        GC.SuppressFinalize(this);
    }

    private byte[] Seal(ushort number)
    {
        var packet = new byte[SamplePackets.HeaderBytes + PayloadBytes + _sender!.RtpOverhead];
        SamplePackets.Video(PayloadBytes, number).AsSpan(0, SamplePackets.HeaderBytes).CopyTo(packet);
        _sender.ProtectRtp(packet, SamplePackets.HeaderBytes, _payload, number);
        return packet;
    }
}
