using BenchmarkDotNet.Attributes;
using MediaNode.Core.Rtcp;

namespace Microbenchmarks;

/// <summary>Feedback as subscribers send it, and as the node sends it to publishers.</summary>
[MemoryDiagnoser]
public class RtcpBenchmarks
{
    private const int Arrivals = 50;

    private readonly byte[] _buffer = new byte[1500];
    private readonly byte[] _compound = new byte[1500];
    private readonly byte[] _feedback = new byte[1500];
    private readonly ushort[] _lost = [10, 11, 15, 40];
    private readonly PacketArrival[] _arrivals =
        [.. Enumerable.Range(0, Arrivals).Select(i => new PacketArrival((ushort)i, i % 10 != 3, TimeSpan.FromMilliseconds(1000 + i)))];

    private readonly PacketArrival[] _read = new PacketArrival[Arrivals];
    private int _compoundLength;
    private int _feedbackLength;

    private static FeedbackHeader Header => new(new(1), new(42));

    [GlobalSetup]
    public void Prepare()
    {
        var writer = new RtcpWriter(_compound);
        writer.WriteReceiverReport(new(1), [new(new(42), 1, 2, 3, 4, 5, 6)]);
        writer.WriteNack(Header, _lost);
        _compoundLength = writer.Length;
        writer = new(_feedback);
        writer.TryWriteTransportFeedback(Header, 0, _arrivals);
        _feedbackLength = writer.Length;
    }

    [Benchmark]
    public int WriteNack()
    {
        var writer = new RtcpWriter(_buffer);
        writer.WriteNack(Header, _lost);
        return writer.Length;
    }

    [Benchmark]
    public int WriteTransportFeedback()
    {
        var writer = new RtcpWriter(_buffer);
        return writer.TryWriteTransportFeedback(Header, 0, _arrivals) ? writer.Length : 0;
    }

    [Benchmark]
    public int ParseReportAndNack()
    {
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        var count = 0;
        if (!RtcpCompoundReader.TryParse(_compound.AsSpan(0, _compoundLength), out var packets, out _))
            return 0;
        foreach (var packet in packets)
        {
            if (ReceiverReportView.TryParse(packet, out var report, out _))
                count += report.Blocks.Count;
            else if (NackView.TryParse(packet, out var nack, out _))
                count += nack.CopyLost(lost);
        }
        return count;
    }

    [Benchmark]
    public int ParseTransportFeedback()
    {
        var count = 0;
        if (!RtcpCompoundReader.TryParse(_feedback.AsSpan(0, _feedbackLength), out var packets, out _))
            return 0;
        foreach (var packet in packets)
        {
            if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
                count += feedback.CopyTo(_read);
        }
        return count;
    }
}
