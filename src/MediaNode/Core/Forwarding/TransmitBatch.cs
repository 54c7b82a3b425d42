using MediaNode.Core.Net;

namespace MediaNode.Core.Forwarding;

/// <summary>Takes what a <see cref="TransmitBatch"/> holds to the network; afterwards the batch is empty.</summary>
public interface ITransmitter
{
    void Flush(TransmitBatch batch);
}

/// <summary>
/// Outgoing datagrams of one worker, written where they are sent from: each packet is encrypted straight into the slab.
/// Full means flush, not drop: the transmitter is called in the middle of a packet's fan-out when the slab runs out.
/// </summary>
public sealed class TransmitBatch
{
    /// <summary>Longest datagram that is ever sent: an Ethernet frame's worth, which bounds every rewritten packet too.</summary>
    public const int MaximumDatagram = 1500;

    /// <summary>Longest RTCP compound before SRTCP's index and tag: within the MTU of any path that carries IPv6.</summary>
    public const int MaximumControl = 1200;

    /// <summary>Entries are made for datagrams of this size on average; smaller ones fill the entries before the slab.</summary>
    public const int LeastBytesPerTransmit = 256;

    private readonly ITransmitter _transmitter;
    private readonly byte[] _slab;
    private readonly Transmit[] _transmits;
    private int _used;

    /// <param name="transmitter">Empties the batch.</param>
    /// <param name="slabBytes">Size of the slab; 1 MiB holds about 800 full video packets.</param>
    public TransmitBatch(ITransmitter transmitter, int slabBytes = 1 << 20)
    {
        _transmitter = transmitter;
        // Pinned: the kernel reads from it while the collector may run.
        _slab = GC.AllocateUninitializedArray<byte>(slabBytes, pinned: true);
        _transmits = new Transmit[slabBytes / LeastBytesPerTransmit];
    }

    public int Count { get; private set; }

    public ReadOnlySpan<Transmit> Transmits => _transmits.AsSpan(0, Count);

    public byte[] Slab => _slab;

    /// <summary>Room for one datagram. Follow with <see cref="Commit"/>, or with nothing to give it up.</summary>
    public Span<byte> Reserve()
    {
        if (_slab.Length - _used < MaximumDatagram || Count == _transmits.Length)
            Flush();
        return _slab.AsSpan(_used, MaximumDatagram);
    }

    /// <summary>Queues the first <paramref name="length"/> bytes of what <see cref="Reserve"/> gave.</summary>
    public void Commit(int length, in TransportAddress destination)
    {
        if (Count == 0 || !_transmits[Count - 1].TryExtend(length, destination))
            _transmits[Count++] = new(_used, length, destination);
        _used += length;
    }

    public void Flush()
    {
        if (Count != 0)
            _transmitter.Flush(this);
        Count = 0;
        _used = 0;
    }
}
