using System.Buffers.Binary;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.TestPeer;

/// <summary>
/// A stream of numbered packets: each payload carries its own number and the time at which it was sent, so that a receiver can check every
/// single one off. VP8 descriptors are real, so that key frames are found.
/// </summary>
public sealed class NumberedSource(Ssrc ssrc, PayloadType payloadType, int clockRate, bool isVideo, ushort firstSequence = 0)
{
    /// <summary>Sent packets kept to answer NACKs from.</summary>
    private const int HistoryPackets = 512;

    private const int DescriptorLength = 1;

    /// <summary>Number, send time and the source's first SSRC in front of the filling.</summary>
    public const int StampLength = 20;

    private readonly Dictionary<ushort, (byte[] Header, byte[] Payload, ulong Index)> _history = [];
    private ulong _index = firstSequence;
    private uint _timestamp;
    private Instant _lastFrame = Instant.Never;

    public Ssrc Ssrc { get; private set; } = ssrc;

    /// <summary>The first SSRC.</summary>
    public Ssrc Origin { get; } = ssrc;

    public PayloadType PayloadType { get; set; } = payloadType;

    /// <summary>Of video: VP8 or H.264.</summary>
    public Codec Codec { get; set; } = Codec.Vp8;

    public long PacketsSent { get; private set; }

    /// <summary>The next frame will be a key frame.</summary>
    public bool KeyFrameWanted { get; set; } = true;

    public int KeyFrames { get; private set; }

    /// <summary>Numbers of the full intra requests that came (RFC 5104); of those in a row with the same number only the first counts.</summary>
    public List<byte> FullIntraRequests { get; } = [];

    /// <summary>Number of the packet that the last key frame began with.</summary>
    public long LastKeyFrame { get; private set; }

    /// <summary>Sends one frame of so many packets.</summary>
    public void SendFrame(RtcClient client, int packets, int payloadBytes, Instant now, ReadOnlySpan<byte> extension = default)
    {
        if (_lastFrame != Instant.Never)
            _timestamp += (uint)((now - _lastFrame).TotalSeconds * clockRate);
        _lastFrame = now;
        var isKeyFrame = isVideo && KeyFrameWanted;
        if (isKeyFrame)
        {
            KeyFrames++;
            LastKeyFrame = PacketsSent;
            KeyFrameWanted = false;
        }
        for (var i = 0; i < packets; i++)
            SendPacket(client, i == 0, i == packets - 1, isKeyFrame, payloadBytes, now, extension);
    }

    /// <summary>The same media from a new sender: another SSRC, and numbers and timestamps that begin anywhere.</summary>
    public void Restart(Ssrc ssrc, ushort firstSequence, uint timestamp, bool beginsWithKeyFrame = true)
    {
        (Ssrc, _index, _timestamp, KeyFrameWanted) = (ssrc, firstSequence, timestamp, beginsWithKeyFrame);
        _history.Clear();
    }

    /// <summary>A report of this sender (RFC 3550 section 6.4.1) that says when its last frame was captured.</summary>
    public void SendReport(RtcClient client, NtpTime capturedAt)
    {
        var buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteSenderReport(new(Ssrc, capturedAt, new(_timestamp), 0, 0), []);
        client.SendControl(buffer.AsSpan(0, writer.Length));
    }

    /// <summary>Acts on feedback as a browser's sender does.</summary>
    public void HandleControl(RtcClient client, ReadOnlySpan<byte> compound)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
            return;
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        foreach (var packet in packets)
        {
            if (PictureLossView.TryParse(packet, out var loss, out _) && loss.Header.Media == Ssrc)
                KeyFrameWanted = true;
            else if (FullIntraRequestView.TryParse(packet, out var intra, out _) && intra[0].Ssrc == Ssrc)
                HandleFullIntraRequest(intra[0].SequenceNumber);
            else if (NackView.TryParse(packet, out var nack, out _) && nack.Header.Media == Ssrc)
                Resend(client, lost[..nack.CopyLost(lost)]);
        }
    }

    private void HandleFullIntraRequest(byte number)
    {
        KeyFrameWanted |= FullIntraRequests.Count == 0 || FullIntraRequests[^1] != number;
        FullIntraRequests.Add(number);
    }

    private void Fill(Span<byte> payload, bool isFirst, bool isKeyFrame, Instant now)
    {
        var at = 0;
        if (isVideo)
        {
            // RFC 7741 section 4.2: S marks the start of the frame; then the frame's own first byte, whose lowest bit is 0 in a key frame.
            // RFC 6184 section 5.3: type 7 is a sequence parameter set, which a key frame begins with, type 1 a slice of another one.
            payload[at++] = Codec == Codec.H264 ? (byte)(isFirst && isKeyFrame ? 0x67 : 0x41) : (byte)(isFirst ? 0x10 : 0);
            payload[at++] = (byte)(isKeyFrame ? 0 : 1);
        }
        BinaryPrimitives.WriteInt64BigEndian(payload[at..], PacketsSent);
        BinaryPrimitives.WriteInt64BigEndian(payload[(at + 8)..], now.Nanoseconds);
        BinaryPrimitives.WriteUInt32BigEndian(payload[(at + 16)..], Origin.Value);
    }

    /// <summary>Reads what <see cref="SendFrame"/> put into a payload.</summary>
    public static (long Number, Instant SentAt) ReadStamp(ReadOnlySpan<byte> payload, bool isVideo)
    {
        var stamp = payload[(isVideo ? DescriptorLength + 1 : 0)..];
        return (BinaryPrimitives.ReadInt64BigEndian(stamp), new(BinaryPrimitives.ReadInt64BigEndian(stamp[8..])));
    }

    /// <summary>Whose packet it is: the first SSRC of its source.</summary>
    public static Ssrc ReadOrigin(ReadOnlySpan<byte> payload, bool isVideo) =>
        new(BinaryPrimitives.ReadUInt32BigEndian(payload[((isVideo ? DescriptorLength + 1 : 0) + 16)..]));

    private void SendPacket(RtcClient client, bool isFirst, bool isLast, bool isKeyFrame, int payloadBytes, Instant now, ReadOnlySpan<byte> extension)
    {
        var payload = new byte[payloadBytes];
        Fill(payload, isFirst, isKeyFrame, now);
        var header = new byte[12 + extension.Length];
        header[0] = (byte)(extension.IsEmpty ? 0x80 : 0x90);
        header[1] = (byte)((isLast && isVideo ? 0x80 : 0) | PayloadType.Value);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)_index);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), _timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), Ssrc.Value);
        extension.CopyTo(header.AsSpan(12));
        _history[(ushort)_index] = (header, payload, _index);
        _history.Remove((ushort)(_index - HistoryPackets));
        client.SendPacket(header, payload, _index);
        _index++;
        PacketsSent++;
    }

    private void Resend(RtcClient client, ReadOnlySpan<ushort> numbers)
    {
        foreach (var number in numbers)
        {
            if (_history.TryGetValue(number, out var packet))
                client.SendPacket(packet.Header, packet.Payload, packet.Index);
        }
    }
}
