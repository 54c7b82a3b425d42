using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// The last packets of one incoming stream, as they came (decrypted), to forward from and to answer NACKs of every subscriber from.
/// Bounded by bytes (one ring) and by count (one slot per sequence number modulo a power of two).
/// </summary>
internal sealed class PacketHistory
{
    /// <summary>256 KiB is 1.4 s of video at 1.5 Mbit/s: several round trips of any path on which a retransmission is still useful.</summary>
    public const int VideoBytes = 256 * 1024;

    /// <summary>16 KiB is over 2 s of Opus at 48 kbit/s, and over 1 s when each frame is sent twice.</summary>
    public const int AudioBytes = 16 * 1024;

    private readonly Slot[] _slots;
    private readonly byte[] _ring;
    private long _written;

    public PacketHistory(int bytes)
    {
        _ring = GC.AllocateUninitializedArray<byte>(bytes);
        // About 256 bytes a packet at the least; smaller packets fall out by count before they fall out by bytes.
        _slots = new Slot[Math.Max(64, bytes / 256)];
    }

    /// <summary>Keeps a packet, without its padding. False when it is longer than any that is sent.</summary>
    public bool TryStore(ulong sequence, scoped in RtpPacketView packet)
    {
        const byte PaddingBit = 0x20;
        var length = packet.Packet.Length - packet.PaddingLength;
        if (length > TransmitBatch.MaximumDatagram)
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
        _slots[sequence & (ulong)(_slots.Length - 1)] = new(sequence, _written, length);
        _written += length;
        return true;
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

    private readonly record struct Slot(ulong Sequence, long Position, int Length);
}
