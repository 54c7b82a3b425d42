using LoadGenerator.Linux;
using LoadGenerator.Measuring;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace LoadGenerator.Media;

/// <summary>
/// One outgoing stream of numbered packets. The protected packets stay in a ring, from which NACKs are answered with the very same bytes:
/// a second encryption under the same index must not differ from the first.
/// </summary>
internal sealed class SentStream
{
    /// <summary>Packets kept: over a second of video.</summary>
    private const int HistoryPackets = 256;

    /// <summary>Header with extensions, payload and tag.</summary>
    private const int SlotBytes = PayloadPattern.MaximumBytes + 100;

    /// <summary>Below 2^15, so that a server that guesses the rollover count of a stream's first packet guesses right.</summary>
    private const int LargestFirstSequence = 1 << 14;

    private readonly HeaderTemplate _header;
    private readonly byte[] _payload = new byte[PayloadPattern.MaximumBytes];
    private readonly byte[] _history;
    private readonly int[] _lengths = new int[HistoryPackets];
    private readonly int _slotBytes;
    private readonly int _clockRate;
    private readonly ulong _firstIndex;
    private readonly Tally _tally;
    private ushort _pictureId;
    private uint _lastTimestamp;
    private uint _octets;

    public SentStream(int number, NegotiatedMedia media, Ssrc ssrc, int largestPayload, Tally tally)
    {
        Number = number;
        Ssrc = ssrc;
        IsVideo = media.Kind == MediaKind.Video;
        _clockRate = media.Codec!.ClockRate;
        _header = new(media, ssrc);
        _slotBytes = Math.Min(SlotBytes, largestPayload + 100);
        _history = GC.AllocateUninitializedArray<byte>(HistoryPackets * _slotBytes, pinned: true);
        _firstIndex = (ulong)(number * 7919 % LargestFirstSequence);
        _tally = tally;
    }

    /// <summary>In this run; what packets carry in their stamp.</summary>
    public int Number { get; }

    public Ssrc Ssrc { get; }

    public bool IsVideo { get; }

    /// <summary>Packets sent so far, which is the number of the next.</summary>
    public long NextNumber { get; private set; }

    /// <summary>Sends the packets of one frame at once, as an encoder without a pacer would: the hardest case for a server's queues.</summary>
    public void SendFrame(SrtpSender sender, UdpPort port, SendBatch batch, int frameBytes, bool isKeyFrame, ref ushort transportSequence, Instant now)
    {
        // Equal parts, as WebRTC's packetizers cut.
        var packets = (frameBytes + PayloadPattern.MaximumBytes - 1) / PayloadPattern.MaximumBytes;
        _lastTimestamp = (uint)(now.Nanoseconds / 1000 * _clockRate / 1_000_000);
        for (var i = 0; i < packets; i++)
        {
            var payload = _payload.AsSpan(0, frameBytes / packets);
            if (IsVideo)
                PayloadPattern.WriteVp8(payload, i == 0, isKeyFrame, _pictureId);
            else
                PayloadPattern.WriteOpus(payload);
            new PacketStamp(Number, NextNumber, now).Write(payload[(IsVideo ? PacketStamp.VideoOffset : PacketStamp.AudioOffset)..]);
            batch.Add(port, Protect(sender, payload, IsVideo && i == packets - 1, _header.HasTransportSequence ? transportSequence++ : (ushort)0, now));
        }
        _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
        batch.Flush(port);
    }

    public void Resend(ushort sequence, UdpPort port, SendBatch batch)
    {
        var distance = (ushort)((ushort)(_firstIndex + (ulong)NextNumber) - sequence);
        if (distance == 0 || distance > Math.Min(HistoryPackets, NextNumber))
            return;
        _tally.Resent++;
        batch.Add(port, Slot(NextNumber - distance));
    }

    public SenderInfo Report(Instant now) => new(Ssrc, Loop.Clock.Ntp.At(now), new((uint)(now.Nanoseconds / 1000 * _clockRate / 1_000_000)), (uint)NextNumber, _octets);

    private ReadOnlySpan<byte> Protect(SrtpSender sender, ReadOnlySpan<byte> payload, bool marker, ushort transportSequence, Instant now)
    {
        var index = _firstIndex + (ulong)NextNumber;
        var at = (int)(NextNumber % HistoryPackets);
        var slot = _history.AsSpan(at * _slotBytes, _slotBytes);
        _header.Write(slot, marker, (ushort)index, _lastTimestamp, transportSequence, now);
        _lengths[at] = sender.ProtectRtp(slot, _header.Length, payload, index);
        NextNumber++;
        _octets += (uint)payload.Length;
        _tally.PacketsSent++;
        _tally.BytesSent += _lengths[at];
        return slot[.._lengths[at]];
    }

    private ReadOnlySpan<byte> Slot(long number)
    {
        var at = (int)(number % HistoryPackets);
        return _history.AsSpan(at * _slotBytes, _lengths[at]);
    }
}
