using MediaNode.Core.Sctp;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Sctp;

/// <summary>Two associations in virtual time, 10 ms apart, with every packet kept and a filter that may drop some.</summary>
internal sealed class AssociationPair
{
    private static readonly TimeSpan OneWayDelay = TimeSpan.FromMilliseconds(10);

    private readonly PriorityQueue<(bool ToRight, byte[] Packet), (long At, long Order)> _wire = new();
    private readonly byte[] _buffer = new byte[SctpLimits.PacketBytes];
    private long _order;

    public AssociationPair(int seed = 1)
    {
        Left = new(new(5000, 5000), new SeededEntropy(seed));
        Right = new(new(5000, 5000), new SeededEntropy(seed + 1000));
    }

    public Association Left { get; }

    public Association Right { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(1);

    /// <summary>Whether a packet arrives; looked at as it is sent.</summary>
    public Func<bool, byte[], bool> Filter { get; set; } = (_, _) => true;

    public List<(bool ToRight, byte[] Packet)> Sent { get; } = [];

    public List<AssociationEvent> LeftEvents { get; } = [];

    public List<AssociationEvent> RightEvents { get; } = [];

    public IEnumerable<ReceivedMessage> RightMessages => RightEvents.Where(received => received.Kind == AssociationEventKind.Message).Select(received => received.Message);

    public static AssociationPair Connected(int seed = 1)
    {
        var pair = new AssociationPair(seed);
        pair.Left.Start(pair.Now);
        pair.Right.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((AssociationState.Established, AssociationState.Established), (pair.Left.State, pair.Right.State));
        pair.Sent.Clear();
        return pair;
    }

    public bool SendLeft(ReadOnlyMemory<byte> payload, SendOptions? options = null, ushort stream = 0) =>
        Left.TrySend(stream, PayloadProtocol.Binary, payload, options ?? SendOptions.Reliable, Now);

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        Drain();
        while (true)
        {
            var arrival = _wire.TryPeek(out _, out var first) ? new Instant(first.At) : Instant.Never;
            var next = Instant.Min(arrival, Instant.Min(Left.NextTimeout, Right.NextTimeout));
            if (next > end)
                break;
            Now = next > Now ? next : Now;
            if (arrival == next)
            {
                var (toRight, packet) = _wire.Dequeue();
                (toRight ? Right : Left).HandlePacket(packet, Now);
            }
            else
            {
                Left.HandleTimeout(Now);
                Right.HandleTimeout(Now);
            }
            Drain();
        }
        Now = end;
    }

    /// <summary>Hands a packet to the right side as if it came from the network.</summary>
    public PacketVerdict Inject(byte[] packet)
    {
        var verdict = Right.HandlePacket(packet, Now);
        Drain();
        return verdict;
    }

    public void Drain()
    {
        Drain(Left, toRight: true, LeftEvents);
        Drain(Right, toRight: false, RightEvents);
    }

    private void Drain(Association from, bool toRight, List<AssociationEvent> events)
    {
        while (from.TryTakeEvent(out var taken))
            events.Add(taken);
        while (from.TryTakeTransmit(_buffer, Now, out var length))
        {
            var packet = _buffer[..length];
            Sent.Add((toRight, packet));
            if (Filter(toRight, packet))
                _wire.Enqueue((toRight, packet), ((Now + OneWayDelay).Nanoseconds, _order++));
        }
    }
}

/// <summary>Packets by hand.</summary>
internal static class Packets
{
    public static byte[] Write(uint tag, params byte[][] chunks)
    {
        var buffer = new byte[1500];
        var writer = new SctpPacketWriter(buffer, 5000, 5000, tag);
        foreach (var chunk in chunks)
            writer.AddChunk(chunk);
        return buffer[..writer.Finish()];
    }

    public static byte[] Chunk(ChunkType type, byte flags, params byte[] value) =>
        [(byte)type, flags, (byte)((value.Length + 4) >> 8), (byte)(value.Length + 4), .. value];

    public static List<ChunkType> Types(byte[] packet)
    {
        Assert.True(SctpPacketView.TryParse(packet, out var view, out _));
        var types = new List<ChunkType>();
        foreach (var chunk in view.Chunks)
            types.Add(chunk.Type);
        return types;
    }

    /// <summary>Of a packet that begins with one.</summary>
    public static SackChunkView Sack(byte[] packet)
    {
        Assert.True(SctpPacketView.TryParse(packet, out var view, out _));
        foreach (var chunk in view.Chunks)
        {
            Assert.True(SackChunkView.TryParse(chunk, out var sack, out _));
            return sack;
        }
        throw new ArgumentException("no chunk", nameof(packet));
    }

    public static uint Tag(byte[] packet) => SctpPacketView.TryParse(packet, out var view, out _) ? view.VerificationTag : throw new ArgumentException("no packet", nameof(packet));

    /// <summary>The same packet with another tag and a right checksum: what somebody sends who guesses.</summary>
    public static byte[] WithTag(byte[] packet, uint tag)
    {
        byte[] copy = [.. packet];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(copy.AsSpan(4), tag);
        SctpChecksum.Write(copy);
        return copy;
    }
}
