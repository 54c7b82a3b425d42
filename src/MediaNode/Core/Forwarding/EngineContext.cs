using MediaNode.Core.Congestion;
using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>What every peer of one engine shares. Single writer: the engine's thread.</summary>
internal sealed class EngineContext
{
    public EngineContext(TransmitBatch batch, DtlsContext dtls, IEntropy entropy, NtpClock clock)
    {
        (Batch, Dtls, Entropy, Clock) = (batch, dtls, entropy, clock);
        Faults = new(Counters);
        FanOut = new(Faults);
        Peers = new(((ulong)entropy.UInt32() << 32) | entropy.UInt32());
    }

    public TransmitBatch Batch { get; }

    public DtlsContext Dtls { get; }

    public IEntropy Entropy { get; }

    public NtpClock Clock { get; }

    public SessionFaults Faults { get; }

    public FanOut FanOut { get; }

    public PeerTable Peers { get; }

    public DeadlineQueue Deadlines { get; } = new();

    public HandshakesInProgress Handshakes { get; } = new();

    public FeedbackScratch FeedbackScratch { get; } = new();

    public SharingScratch SharingScratch { get; } = new();

    public DropCounters Drops { get; } = new();

    public MediaCounters Counters { get; } = new();

    /// <summary>When a client that is still connecting was last heard.</summary>
    public Instant LastHandshakeStep { get; set; }
}

/// <summary>Totals of one engine. Written by its thread; others may read, and see a value of a moment ago.</summary>
public sealed class MediaCounters
{
    private long _packetsReceived;
    private long _bytesReceived;
    private long _packetsForwarded;
    private long _bytesForwarded;
    private long _packetsResent;
    private long _packetsRestored;
    private long _keyFrameRequests;
    private long _layerSwitches;
    private long _packetsNacked;
    private long _freezesReceived;
    private long _freezesForwarded;
    private long _dataMessagesForwarded;
    private long _sessionsFailed;

    public long PacketsReceived => Volatile.Read(ref _packetsReceived);

    public long BytesReceived => Volatile.Read(ref _bytesReceived);

    public long PacketsForwarded => Volatile.Read(ref _packetsForwarded);

    public long BytesForwarded => Volatile.Read(ref _bytesForwarded);

    /// <summary>Packets of audio that were lost on the way in, and made again from the redundant one behind them.</summary>
    public long PacketsRestored => Volatile.Read(ref _packetsRestored);

    public long PacketsResent => Volatile.Read(ref _packetsResent);

    /// <summary>PLI and FIR sent to publishers.</summary>
    public long KeyFrameRequests => Volatile.Read(ref _keyFrameRequests);

    /// <summary>Data channel messages, counted per subscriber.</summary>
    public long DataMessagesForwarded => Volatile.Read(ref _dataMessagesForwarded);

    /// <summary>Changes of a subscription to another encoding, its first one included.</summary>
    public long LayerSwitches => Volatile.Read(ref _layerSwitches);

    /// <summary>Sessions that ended because they tripped over a broken invariant.</summary>
    public long SessionsFailed => Volatile.Read(ref _sessionsFailed);

    /// <summary>Freezes of what publishers send, and of what goes to subscribers.</summary>
    public long FreezesReceived => Volatile.Read(ref _freezesReceived);

    public long FreezesForwarded => Volatile.Read(ref _freezesForwarded);

    internal void FreezeReceived() => _freezesReceived++;

    internal void FreezeForwarded() => _freezesForwarded++;

    internal void LayerSwitched() => _layerSwitches++;

    /// <summary>Packets that publishers were asked for again.</summary>
    public long PacketsNacked => Volatile.Read(ref _packetsNacked);

    internal void Received(int bytes)
    {
        _packetsReceived++;
        _bytesReceived += bytes;
    }

    internal void Forwarded(int bytes)
    {
        _packetsForwarded++;
        _bytesForwarded += bytes;
    }

    internal void Resent() => _packetsResent++;

    internal void Restored() => _packetsRestored++;

    internal void DataMessageForwarded() => _dataMessagesForwarded++;

    internal void KeyFrameRequested() => _keyFrameRequests++;

    internal void SessionFailed() => _sessionsFailed++;

    internal void Nacked(int packets) => _packetsNacked += packets;
}
