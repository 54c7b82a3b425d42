using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>One stream of one publisher as one viewer gets it: every packet must be the publisher's own, at one place, in the publisher's order.</summary>
internal sealed class ViewedStream(MediaKind kind, Ssrc ssrc, ulong publisher, Ssrc origin)
{
    private readonly SortedDictionary<long, (long Number, uint Timestamp)> _packets = [];
    private readonly HashSet<long> _numbers = [];
    private readonly HashSet<long> _empty = [];
    private ExtendedSequenceNumber? _highest;

    public MediaKind Kind { get; } = kind;

    public Ssrc Ssrc { get; } = ssrc;

    public ulong Publisher { get; } = publisher;

    public NackGenerator Nack { get; } = new();

    /// <summary>When something new came last.</summary>
    public Instant LastNews { get; private set; } = Instant.FromSeconds(0);

    public int Count => _numbers.Count;

    /// <summary>Share of the publisher's packets between the first and the last that came.</summary>
    public double ShareReceived => _numbers.Count == 0 ? 0 : (double)_numbers.Count / (_numbers.Max() - _numbers.Min() + 1);

    /// <param name="sequenceNumber">On the stream itself, also when it came as a retransmission.</param>
    public void Handle(ushort sequenceNumber, uint timestamp, ReadOnlySpan<byte> payload, Instant now)
    {
        var isVideo = Kind == MediaKind.Video;
        var sequence = _highest?.Unwrap(sequenceNumber) ?? new(0x1_0000 + sequenceNumber);
        if (_highest is null || sequence > _highest)
            _highest = sequence;
        if (isVideo)
            Nack.HandlePacket((ulong)sequence.Value, now);
        if (payload.IsEmpty)
        {
            // In the place of a packet that came when the picture that it belongs to was forgotten: nobody asks for its number again.
            Assert.True(isVideo && !_packets.ContainsKey(sequence.Value), $"packet {sequence} is empty");
            _empty.Add(sequence.Value);
            return;
        }
        Assert.DoesNotContain(sequence.Value, _empty);
        Assert.Equal(origin, NumberedSource.ReadOrigin(payload, isVideo));
        var (number, sentAt) = NumberedSource.ReadStamp(payload, isVideo);
        Assert.True(sentAt <= now, "a packet came before it was sent");
        if (_packets.TryGetValue(sequence.Value, out var before))
        {
            Assert.Equal(before, (number, timestamp));
            return;
        }
        Assert.True(_numbers.Add(number), $"packet {number} of publisher {Publisher} has two sequence numbers");
        _packets.Add(sequence.Value, (number, timestamp));
        LastNews = now;
    }

    public ReportBlock Report() => new(Ssrc, 0, (int)(_highest!.Value.Value - _packets.Keys.First() + 1 - _packets.Count - _empty.Count), (uint)_highest.Value.Value, 0, 0, 0);

    /// <summary>In the order of sequence numbers, the publisher's numbers rise and timestamps do not fall.</summary>
    public void AssertOrder()
    {
        (long Number, uint Timestamp)? last = null;
        foreach (var packet in _packets.Values)
        {
            if (last is { } previous)
            {
                Assert.True(packet.Number > previous.Number, $"packet {packet.Number} of publisher {Publisher} after {previous.Number}");
                Assert.True((int)(packet.Timestamp - previous.Timestamp) >= 0, $"timestamp {packet.Timestamp} after {previous.Timestamp}");
            }
            last = packet;
        }
    }
}
