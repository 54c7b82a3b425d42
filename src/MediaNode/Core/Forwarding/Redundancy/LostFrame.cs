using System.Buffers.Binary;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding.Redundancy;

/// <summary>
/// Makes a lost packet of audio out of the redundant packet that follows it (RFC 2198), for subscribers who would not get it otherwise. What a block repeats is
/// known by its timestamp only; its number follows when it is just one frame older than the packet, and newer than what came before.
/// </summary>
internal sealed class LostFrame
{
    /// <summary>Longest packet that is made.</summary>
    public const int MaximumBytes = RtpPacketView.FixedHeaderSize + RedundantBlock.MaximumBytes;

    /// <summary>RFC 7587 section 4.2: a packet holds 120 ms at most. More between two packets is a pause in which nothing is sent (DTX).</summary>
    private const uint LongestFrameTicks = 5760;

    private ulong _sequence;
    private uint _timestamp;

    /// <summary>Between the last two packets that followed each other; 0 while there were none.</summary>
    private uint _frameTicks;

    /// <summary>A packet that was not lost.</summary>
    public void HandlePacket(ulong sequence, uint timestamp)
    {
        if (sequence <= _sequence)
            return;
        var ticks = timestamp - _timestamp;
        if (sequence == _sequence + 1 && ticks is > 0 and <= LongestFrameTicks)
            _frameTicks = ticks;
        (_sequence, _timestamp) = (sequence, timestamp);
    }

    /// <summary>Makes the packet before this one.</summary>
    /// <param name="packet">The one that came after the gap, before <see cref="HandlePacket"/>.</param>
    /// <param name="codec">Payload type of the blocks.</param>
    /// <param name="destination">At least <see cref="MaximumBytes"/>.</param>
    /// <param name="restored">Without header extensions: nothing is known of them.</param>
    /// <returns>False when the packet does not repeat the one before it.</returns>
    public bool TryRestore(scoped in RtpPacketView packet, scoped in RedundantPayload redundant, PayloadType codec, Span<byte> destination, out RtpPacketView restored)
    {
        restored = default;
        if (redundant.RedundantCount == 0 || _frameTicks == 0)
            return false;
        var newest = redundant[redundant.RedundantCount - 1];
        var sincePrevious = packet.Timestamp.Value - _timestamp;
        if (newest.Data.IsEmpty || newest.TimestampOffset != _frameTicks || (int)sincePrevious <= newest.TimestampOffset)
            return false;
        // Version 2, and nothing of padding, extension, sources and marker.
        destination[0] = 0x80;
        destination[1] = codec.Value;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)(packet.SequenceNumber - 1));
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], packet.Timestamp.Value - newest.TimestampOffset);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], packet.Ssrc.Value);
        newest.Data.CopyTo(destination[RtpPacketView.FixedHeaderSize..]);
        return RtpPacketView.TryParse(destination[..(RtpPacketView.FixedHeaderSize + newest.Data.Length)], out restored, out _);
    }
}
