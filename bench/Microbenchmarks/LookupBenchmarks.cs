using BenchmarkDotNet.Attributes;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;

namespace Microbenchmarks;

/// <summary>From a datagram to its kind and to the peer that sent it.</summary>
[MemoryDiagnoser]
public class LookupBenchmarks
{
    private const int Peers = 1000;

    private readonly byte[] _packet = SamplePackets.Video(1100);
    private readonly AddressTable<object> _table = new(seed: 1);
    private readonly TransportAddress[] _addresses = new TransportAddress[Peers];
    private int _next;

    [GlobalSetup]
    public void Prepare()
    {
        for (var i = 0; i < Peers; i++)
        {
            _addresses[i] = TransportAddress.FromIPv4(0x0A000000 + (uint)(i / 8), (ushort)(40_000 + i));
            _table.Set(_addresses[i], new());
        }
    }

    [Benchmark]
    public PacketKind Classify() => DatagramDemux.Classify(_packet);

    [Benchmark]
    public object? FindPeerOfAddress()
    {
        _next = _next + 1 < Peers ? _next + 1 : 0;
        return _table.Find(_addresses[_next]);
    }
}
