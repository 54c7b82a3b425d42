using System.Buffers.Binary;
using System.Text;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>What a packet of a <see cref="LayeredSource"/> says of itself behind its descriptor, so that a receiver can play decoder.</summary>
/// <param name="Encoding">Which of the publisher's encodings.</param>
/// <param name="Frame">Its frames, counted.</param>
/// <param name="Packet">Position in the frame.</param>
/// <param name="Packets">Packets of the frame.</param>
/// <param name="References">Frames that this one is predicted from; none for a key frame.</param>
internal sealed record FrameStamp(int Encoding, int Frame, int Packet, int Packets, int[] References)
{
    public bool IsKeyFrame => References.Length == 0;

    public static FrameStamp Read(ReadOnlySpan<byte> stamp)
    {
        var references = new int[stamp[7]];
        for (var i = 0; i < references.Length; i++)
            references[i] = BinaryPrimitives.ReadInt32BigEndian(stamp[(8 + 4 * i)..]);
        return new(stamp[0], BinaryPrimitives.ReadInt32BigEndian(stamp[1..]), stamp[5], stamp[6], references);
    }

    public void Write(Span<byte> stamp)
    {
        stamp[0] = (byte)Encoding;
        BinaryPrimitives.WriteInt32BigEndian(stamp[1..], Frame);
        (stamp[5], stamp[6], stamp[7]) = ((byte)Packet, (byte)Packets, (byte)References.Length);
        for (var i = 0; i < References.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(stamp[(8 + 4 * i)..], References[i]);
    }
}

/// <summary>
/// One VP8 encoding of a simulcast sender in three temporal layers, with the references that libvpx's pattern of four frames has: T0, T2, T1, T2. Every other
/// turn the upper layers depend on those of the turn before, so that they cannot be joined there.
/// </summary>
internal sealed class LayeredSource
{
    /// <summary>Bytes before the stamp: a descriptor with picture id, TL0PICIDX and TID, and the header of a key frame.</summary>
    private const int DescriptorLength = 6;
    private const int FrameHeaderLength = 10;
    private const int HistoryPackets = 1024;

    /// <summary>A key frame of a camera is so many times as large as what follows it.</summary>
    public const int KeyFrameFactor = 6;

    /// <summary>In the header extension: behind its own header and the element's.</summary>
    private const int TransportNumberOffset = 5;
    private const int ClockRate = 90_000;

    private readonly Dictionary<ushort, (byte[] Header, byte[] Payload, ulong Index)> _history = [];
    private readonly byte[] _extension;
    private readonly Func<ushort> _nextTransportNumber;
    private readonly PayloadType _payloadType;
    private readonly int _encoding;
    private readonly int _scale;
    private uint _timestampBase;
    private ulong _index;
    private int _frame;
    private int _position;
    private int _lastT0;
    private int _lastT1;
    private ushort _pictureId;
    private byte _tl0;

    /// <param name="media">The negotiated video m-line.</param>
    /// <param name="encoding">Which of its encodings.</param>
    /// <param name="scale">Width and height are divided by this.</param>
    /// <param name="random">Where counters begin.</param>
    /// <param name="nextTransportNumber">Numbers the packets of all encodings.</param>
    public LayeredSource(Sdp.NegotiatedMedia media, int encoding, int scale, Random random, Func<ushort> nextTransportNumber)
    {
        _nextTransportNumber = nextTransportNumber;
        _encoding = encoding;
        _scale = scale;
        _payloadType = media.Codec!.PayloadType;
        _extension = Extension(media, media.Rids.IsEmpty ? null : media.Rids[encoding]);
        Restart(random);
        if (!media.Sources.IsEmpty)
            Ssrc = media.Sources[encoding].Primary;
    }

    public Ssrc Ssrc { get; private set; }

    public bool IsActive { get; set; } = true;

    public bool KeyFrameWanted { get; set; } = true;

    public int KeyFrames { get; private set; }

    /// <summary>A new sender goes on with the encoding: all that is counted begins anywhere.</summary>
    public void Restart(Random random)
    {
        Ssrc = new((uint)random.Next(1, int.MaxValue));
        _timestampBase = (uint)random.NextInt64(uint.MaxValue);
        // Soon before the wrap, but not so soon that packets behind it overtake all before it: who sees only those decrypts with a rollover count of 0 (RFC 3711 section 3.3.1).
        _index = (ulong)random.Next(64_900, 65_436);
        _pictureId = (ushort)random.Next(0x8000);
        _tl0 = (byte)random.Next(256);
        KeyFrameWanted = true;
        _history.Clear();
    }

    public static int StampOffset => DescriptorLength + FrameHeaderLength;

    public void SendFrame(RtcClient client, int packets, Instant now)
    {
        if (!IsActive)
            return;
        if (KeyFrameWanted)
            _position = 0;
        var isKeyFrame = KeyFrameWanted;
        KeyFrameWanted = false;
        KeyFrames += isKeyFrame ? 1 : 0;
        packets *= isKeyFrame ? KeyFrameFactor : 1;
        var isOddTurn = _position / 4 % 2 == 1;
        var temporal = (_position % 4) switch { 0 => 0, 2 => 1, _ => 2 };
        int[] references = (_position % 4) switch
        {
            0 => isKeyFrame ? [] : [_lastT0],
            1 or 2 => isOddTurn ? [_lastT0, _lastT1] : [_lastT0],
            _ => [_lastT0, _lastT1],
        };
        if (temporal == 0)
            _tl0++;
        for (var i = 0; i < packets; i++)
            SendPacket(client, new(_encoding, _frame, i, packets, references), temporal, isSync: temporal > 0 && references.Length == 1, now);
        if (temporal == 0)
            _lastT0 = _frame;
        if (temporal == 1)
            _lastT1 = _frame;
        _frame++;
        _position++;
        _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
    }

    /// <summary>A sender report, so that the receiver can tell this encoding's clock from the others'.</summary>
    public void SendReport(RtcClient client, NtpTime ntpTime, Instant now)
    {
        var buffer = new byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteSenderReport(new(Ssrc, ntpTime, new(Timestamp(now)), 0, 0), []);
        client.SendControl(buffer.AsSpan(0, writer.Length));
    }

    public void HandleControl(RtcClient client, ReadOnlySpan<byte> compound)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
            return;
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        foreach (var packet in packets)
        {
            if (PictureLossView.TryParse(packet, out var loss, out _) && loss.Header.Media == Ssrc)
                KeyFrameWanted = true;
            else if (NackView.TryParse(packet, out var nack, out _) && nack.Header.Media == Ssrc)
                Resend(client, lost[..nack.CopyLost(lost)]);
        }
    }

    private static byte[] Extension(Sdp.NegotiatedMedia media, Rid? rid)
    {
        // The transport-wide number comes first, so that its place is known.
        var elements = new List<byte> { (byte)((media.Extensions[HeaderExtensionUri.TransportSequenceNumber] << 4) | 1), 0, 0 };
        foreach (var (uri, text) in new[] { (HeaderExtensionUri.Mid, media.Mid.Value), (HeaderExtensionUri.Rid, rid?.Value ?? "") })
        {
            if (text.Length == 0)
                continue;
            elements.Add((byte)((media.Extensions[uri] << 4) | (text.Length - 1)));
            elements.AddRange(Encoding.ASCII.GetBytes(text));
        }
        while (elements.Count % 4 != 0)
            elements.Add(0);
        return [0xBE, 0xDE, 0, (byte)(elements.Count / 4), .. elements];
    }

    private uint Timestamp(Instant now) => _timestampBase + (uint)(now.Nanoseconds / 1000 * (ClockRate / 1000) / 1000);

    private void SendPacket(RtcClient client, FrameStamp stamp, int temporal, bool isSync, Instant now)
    {
        var payload = new byte[200 + 300 / _scale];
        payload[0] = (byte)(stamp.Packet == 0 ? 0x90 : 0x80);
        payload[1] = 0xE0;
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)(_pictureId | 0x8000));
        payload[4] = _tl0;
        payload[5] = (byte)((temporal << 6) | (isSync ? 0x20 : 0));
        var frame = payload.AsSpan(DescriptorLength);
        frame[0] = (byte)(stamp.IsKeyFrame ? 0 : 1);
        if (stamp.IsKeyFrame)
        {
            ReadOnlySpan<byte> startCode = [0x9D, 0x01, 0x2A];
            startCode.CopyTo(frame[3..]);
            BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], (ushort)(1280 / _scale));
            BinaryPrimitives.WriteUInt16LittleEndian(frame[8..], (ushort)(720 / _scale));
        }
        stamp.Write(frame[FrameHeaderLength..]);
        var header = new byte[12 + _extension.Length];
        header[0] = 0x90;
        header[1] = (byte)((stamp.Packet == stamp.Packets - 1 ? 0x80 : 0) | _payloadType.Value);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)_index);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Timestamp(now));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), Ssrc.Value);
        _extension.CopyTo(header.AsSpan(12));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(12 + TransportNumberOffset), _nextTransportNumber());
        _history[(ushort)_index] = (header, payload, _index);
        _history.Remove((ushort)(_index - HistoryPackets));
        client.SendPacket(header, payload, _index);
        _index++;
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
