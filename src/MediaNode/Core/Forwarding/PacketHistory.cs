using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// The last packets of one incoming stream, as they came (decrypted), to forward from and to answer NACKs of every subscriber from.
/// Bounded by bytes (one ring) and by count (one slot per sequence number modulo a power of two). A sequence number is that of one packet for ever: what a subscriber
/// gets again under the same SRTP index must be what it got, whatever the publisher sends meanwhile.
/// </summary>
internal sealed class PacketHistory
{
    /// <summary>256 KiB is 1.4 s of video at 1.5 Mbit/s: several round trips of any path on which a retransmission is still useful.</summary>
    public const int VideoBytes = 256 * 1024;

    /// <summary>What it may grow to, when a subscriber has more waiting in it: half of it is a key frame of 500 kB.</summary>
    public const int MaximumVideoBytes = 4 * VideoBytes;

    /// <summary>16 KiB is over 2 s of Opus at 48 kbit/s, and over 1 s when each frame is sent twice.</summary>
    public const int AudioBytes = 16 * 1024;

    private Slot[] _slots;
    private byte[] _ring;
    private long _written;

    public PacketHistory(int bytes)
    {
        _ring = GC.AllocateUninitializedArray<byte>(bytes);
        // About 256 bytes a packet at the least; smaller packets fall out by count before they fall out by bytes.
        _slots = new Slot[Math.Max(64, bytes / 256)];
    }

    /// <summary>Keeps a packet, without its padding.</summary>
    /// <param name="sequence">At least 1.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="refusal">Why it is not kept: longer than any that is sent, or its number is or was that of another packet, or of none any more.</param>
    public bool TryStore(ulong sequence, scoped in RtpPacketView packet, out DropReason refusal)
    {
        const byte PaddingBit = 0x20;
        var length = packet.Packet.Length - packet.PaddingLength;
        ref var slot = ref _slots[sequence & (ulong)(_slots.Length - 1)];
        refusal = length > TransmitBatch.MaximumDatagram ? DropReason.TooLarge : DropReason.RtpDuplicate;
        // Numbers that were held are below the one in their slot, or are that one.
        if (length > TransmitBatch.MaximumDatagram || slot.Sequence >= sequence)
            return false;
        var offset = (int)(_written % _ring.Length);
        if (offset + length > _ring.Length)
        {
            _written += _ring.Length - offset;
            offset = 0;
        }
        packet.Packet[..length].CopyTo(_ring.AsSpan(offset));
        // Or the last byte of the payload would be read as the length of padding that is gone.
        _ring[offset] &= unchecked((byte)~PaddingBit);
        slot = new(sequence, _written, length);
        _written += length;
        return true;
    }

    /// <summary>Forgets all packets, not their numbers: they are not read any more as they were when they came.</summary>
    public void Clear()
    {
        foreach (ref var slot in _slots.AsSpan())
            slot = slot with { Length = 0 };
    }

    public bool TryGet(ulong sequence, out ReadOnlySpan<byte> packet)
    {
        ref readonly var slot = ref _slots[sequence & (ulong)(_slots.Length - 1)];
        // A slot is stale once the ring has come round over its bytes.
        if (slot.Length == 0 || slot.Sequence != sequence || _written - slot.Position > _ring.Length)
        {
            packet = default;
            return false;
        }
        packet = _ring.AsSpan((int)(slot.Position % _ring.Length), slot.Length);
        return true;
    }

    /// <summary>So much of what came last is still to be sent: it must not take more than half, since the other half may be pushed out before its turn.</summary>
    /// <returns>False when that is more than there can be.</returns>
    public bool TryHold(int bytes)
    {
        while (bytes > _ring.Length / 2)
        {
            if (_ring.Length >= MaximumVideoBytes)
                return false;
            Grow();
        }
        return true;
    }

    /// <summary>A few times in the life of an encoding at most.</summary>
    private void Grow()
    {
        var slots = new Slot[_slots.Length * 2];
        var ring = GC.AllocateUninitializedArray<byte>(_ring.Length * 2);
        foreach (ref readonly var slot in _slots.AsSpan())
        {
            if (slot.Length == 0 || _written - slot.Position > _ring.Length)
                continue;
            // No packet lies across the end of a ring, and the end of the larger one is an end of the smaller.
            _ring.AsSpan((int)(slot.Position % _ring.Length), slot.Length).CopyTo(ring.AsSpan((int)(slot.Position % ring.Length)));
            slots[slot.Sequence & (ulong)(slots.Length - 1)] = slot;
        }
        (_slots, _ring) = (slots, ring);
    }

    private readonly record struct Slot(ulong Sequence, long Position, int Length);
}
