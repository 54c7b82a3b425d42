using MediaNode.Core.Congestion;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Congestion;

/// <summary>A link with a rate and a queue behind an estimator, and a receiver that sends real feedback: time passes in steps of a millisecond.</summary>
internal sealed class TracedLink(int seed)
{
    private const int PacketBytes = 1000;
    private const int LeastPacketBytes = 100;
    private const int OneWayMilliseconds = 20;

    private readonly Random _random = new(seed);
    private readonly FeedbackScratch _scratch = new();
    private readonly ArrivalRecorder _recorder = new();
    private readonly PacketArrival[] _arrivals = new PacketArrival[ArrivalRecorder.MaximumReported];
    private readonly PriorityQueue<ulong, double> _arriving = new();
    private readonly Queue<(double At, byte[] Feedback)> _feedback = new();
    private double _now = 1000;
    private double _linkFreeAt;
    private double _toSend;
    private double _nextFrameAt = 1000;
    private ulong _sequence = 0x1_0000;

    public DownlinkEstimator Estimator { get; } = new();

    public double CapacityKilobits { get; set; } = 100_000;

    public double QueueMilliseconds { get; set; } = 300;

    public double Loss { get; set; }

    public double JitterMilliseconds { get; set; }

    /// <summary>Traffic of others on the link.</summary>
    public double CrossKilobits { get; set; }

    /// <summary>What the subscriber would like.</summary>
    public Bitrate Wanted { get; set; }

    public double WorstQueueMilliseconds { get; private set; }

    public Instant Now => Instant.FromSeconds(_now / 1000);

    /// <param name="seconds">How long.</param>
    /// <param name="kilobits">Sent, of what the estimate allows.</param>
    public void Run(double seconds, double kilobits)
    {
        WorstQueueMilliseconds = 0;
        for (var end = _now + seconds * 1000; _now < end; _now++)
        {
            SendFrame(Estimator.HasBeenFull ? Math.Min(kilobits, Estimator.Estimate.BitsPerSecond / 1000.0) : kilobits);
            Probe();
            _linkFreeAt = Math.Max(_linkFreeAt, _now) + CrossKilobits / CapacityKilobits;
            WorstQueueMilliseconds = Math.Max(WorstQueueMilliseconds, _linkFreeAt - _now);
            Receive();
        }
    }

    /// <summary>Thirty frames a second, none like the other.</summary>
    private void SendFrame(double kilobits)
    {
        if (_now < _nextFrameAt)
            return;
        _nextFrameAt += 1000 / 30.0;
        _toSend += kilobits / 8 * 1000 / 30 * (0.7 + 0.6 * _random.NextDouble());
        while (_toSend >= LeastPacketBytes)
        {
            var bytes = (int)Math.Min(_toSend, PacketBytes);
            _toSend -= bytes;
            Send(bytes, 0);
        }
    }

    private void Probe()
    {
        var plan = Estimator.Probes;
        plan.HandleTimeout(Now);
        if (Wanted.BitsPerSecond > 0)
            plan.TryStart(Estimator.Estimate, Wanted, Now);
        while (plan.IsProbing && !plan.Cluster.IsSent && plan.Cluster.NextPacketAt <= Now)
        {
            var bytes = plan.Cluster.PacketBytes;
            plan.Cluster.HandleSent(bytes);
            Send(bytes, plan.Cluster.Id);
        }
    }

    private void Send(int bytes, byte probe)
    {
        Estimator.Sent.Add(Now, bytes, probe);
        var sequence = _sequence++;
        var start = Math.Max(_linkFreeAt, _now);
        if (_random.NextDouble() < Loss || start - _now > QueueMilliseconds)
            return;
        _linkFreeAt = start + bytes * 8 / CapacityKilobits;
        _arriving.Enqueue(sequence, _linkFreeAt + OneWayMilliseconds + _random.NextDouble() * JitterMilliseconds);
    }

    private void Receive()
    {
        while (_arriving.TryPeek(out var sequence, out var at) && at <= _now)
        {
            _arriving.Dequeue();
            _recorder.HandlePacket(sequence, Instant.FromSeconds(at / 1000));
        }
        if (_recorder.NextTimeout <= Now)
        {
            var count = _recorder.Read(_arrivals);
            var buffer = new byte[1200];
            var writer = new RtcpWriter(buffer);
            if (count > 0 && writer.TryWriteTransportFeedback(new(new(1), new(2)), _recorder.FeedbackCount, _arrivals.AsSpan(0, count)))
                _feedback.Enqueue((_now + OneWayMilliseconds, buffer[..writer.Length]));
            _recorder.Advance(count);
        }
        while (_feedback.TryPeek(out var next) && next.At <= _now)
        {
            Assert.True(RtcpCompoundReader.TryParse(_feedback.Dequeue().Feedback, out var packets, out _));
            foreach (var packet in packets)
            {
                Assert.True(TransportFeedbackView.TryParse(packet, out var view, out _));
                Estimator.HandleFeedback(view, _scratch, Now);
            }
        }
    }
}
