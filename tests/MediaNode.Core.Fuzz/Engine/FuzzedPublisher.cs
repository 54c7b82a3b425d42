using System.Buffers.Binary;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.Fuzz.Engine;

/// <summary>A publisher with its keys, that sends frames as a browser does, and whatever else the input says.</summary>
internal sealed class FuzzedPublisher
{
    private const byte Opus = 111;
    private const byte Red = 63;
    private const byte Vp8 = 96;
    private const byte Rtx = 97;

    /// <summary>Sources that no offer names; the first ones are named by edits of offers.</summary>
    private const uint FirstOtherSource = 9000;

    private static readonly Ssrc Audio = new(11);
    private static readonly Ssrc Video = new(21);
    private static readonly Ssrc VideoRtx = new(31);

    private readonly FuzzedCall _call;
    private readonly Dictionary<Ssrc, ulong> _indexes = [];
    private ushort _pictureId;
    private byte _tl0;
    private uint _timestamp = uint.MaxValue - 20_000;

    public FuzzedPublisher(FuzzedCall call)
    {
        _call = call;
        Client = call.CreateClient();
        Client.AcceptAnswer(Publish(CreateOffer())!, call.Now);
        call.Connect(Client);
    }

    public RtcClient Client { get; private set; }

    public string CreateOffer() =>
        Client.CreateOffer(new(new SourcePair(Audio, null), new SourcePair(Video, VideoRtx), [], HasData: true, "c", "s") { PrefersRedundancy = true });

    /// <returns>The answer; null when the offer was refused.</returns>
    public string? Publish(string offer, IReadOnlyList<Codec>? codecs = null) => _call.Done(_call.Engine.Publish(
        FuzzedCall.RoomId, FuzzedCall.Epoch, FuzzedCall.PublisherId, FuzzedCall.PublisherId, offer, 0, _call.Now, codecs))?.SdpAnswer;

    /// <summary>The page makes its PeerConnection anew.</summary>
    public void Recreate()
    {
        _call.Retire(Client);
        Client = _call.CreateClient(withOtherCertificate: true);
        _indexes.Clear();
        if (Publish(CreateOffer()) is not { } answer)
            return;
        Client.AcceptAnswer(answer, _call.Now);
        _call.Connect(Client);
    }

    public void SendFrame(byte kind)
    {
        _timestamp += 3000;
        _pictureId = (ushort)((_pictureId + 1) & 0x7FFF);
        var temporal = (kind >> 4) & 3;
        _tl0 += (byte)(temporal == 0 ? 1 : 0);
        var packets = 1 + (kind & 7);
        for (var i = 0; i < packets; i++)
        {
            // RFC 7741 section 4.2: picture id, TL0PICIDX and temporal layer; then the frame's own header.
            byte[] payload =
            [
                (byte)(i == 0 ? 0x90 : 0x80), 0xE0, (byte)(0x80 | (_pictureId >> 8)), (byte)_pictureId, _tl0, (byte)(temporal << 6),
                (byte)((kind & 8) == 0 ? 1 : 0), 0, 0, 0x9D, 0x01, 0x2A, 64, 1, 180, 0, .. new byte[40 * i],
            ];
            Send(Header(Video, Vp8, i == packets - 1, 1), payload, Next(Video, 1));
        }
        SendAudio(Opus, [1, 2, 3], level: (byte)(kind & 0x7F));
    }

    /// <summary>Redundant audio: right but for what the input says, or only what it says.</summary>
    public void SendRedundant(bool isRaw, ReadOnlySpan<byte> bytes)
    {
        if (isRaw)
            SendAudio(Red, bytes, 30);
        else
            SendAudio(Red, [0x80 | Opus, 0x0F, (byte)(bytes.Length >> 8), (byte)bytes.Length, Opus, .. bytes, 7], 30);
    }

    /// <summary>A packet whose fields the input says, with a header that can be read.</summary>
    public void SendPacket(ref ActionInput input)
    {
        var (flags, ssrc, step, payloadType) = (input.Byte(), Source(input.Byte()), input.Signed(), input.Byte());
        _timestamp += (uint)input.Signed() * 960;
        var extension = (flags & 0x0C) == 0 ? default : input.Bytes();
        var payload = input.LongBytes();
        var index = Next(ssrc, step);
        var words = (extension.Length + 3) / 4;
        var header = new byte[12 + (flags >> 6) * 4 + (extension.IsEmpty ? 0 : 4 + 4 * words)];
        Header(ssrc, payloadType, (flags & 1) != 0, step).CopyTo(header, 0);
        header[0] = (byte)(0x80 | (flags >> 6) | (extension.IsEmpty ? 0 : 0x10) | ((flags & 2) != 0 && !payload.IsEmpty ? 0x20 : 0));
        if (!extension.IsEmpty)
        {
            var at = header.Length - 4 - 4 * words;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(at), (flags & 0x0C) == 4 ? HeaderExtensionEnumerator.OneByteProfile : HeaderExtensionEnumerator.TwoByteProfile);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(at + 2), (ushort)words);
            extension.CopyTo(header.AsSpan(at + 4));
        }
        Send(header, payload, index);
    }

    /// <summary>A packet of nothing but the input's bytes.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        if (!RtpPacketView.TryParseProtected(bytes, out var view, out _))
            return;
        var header = bytes[..view.HeaderLength];
        Send(header, bytes[view.HeaderLength..], Index(view.Ssrc, view.SequenceNumber));
    }

    /// <summary>On the retransmission stream, with the number of a packet that may be long gone.</summary>
    public void SendRetransmission(ushort back, ReadOnlySpan<byte> payload)
    {
        var number = (ushort)(_indexes.GetValueOrDefault(Video) - back);
        Send(Header(VideoRtx, Rtx, false, 1), [(byte)(number >> 8), (byte)number, .. payload], Next(VideoRtx, 1));
    }

    public void SendControl(ReadOnlySpan<byte> compound)
    {
        // SRTCP leaves the first eight bytes readable, so there must be as many.
        if (compound.Length < 8 || compound.Length > 1200 || !Client.IsConnected)
            return;
        Client.SendControl([(byte)(0x80 | (compound[0] & 0x3F)), .. compound[1..]]);
    }

    private static Ssrc Source(byte selector) => selector switch
    {
        0 => Audio,
        1 => Video,
        2 => VideoRtx,
        _ => new(FirstOtherSource + selector),
    };

    private void SendAudio(byte payloadType, ReadOnlySpan<byte> payload, byte level)
    {
        byte[] header = [.. Header(Audio, payloadType, false, 1), 0xBE, 0xDE, 0, 1, 0x10, level, 0, 0];
        header[0] |= 0x10;
        Send(header, payload, Next(Audio, 1));
    }

    private ulong Next(Ssrc ssrc, int step)
    {
        var index = (ulong)Math.Max((long)_indexes.GetValueOrDefault(ssrc, 65_400UL) + step, 0);
        return _indexes[ssrc] = index;
    }

    /// <summary>The index nearest to the last one, which is how the other side reads the number.</summary>
    private ulong Index(Ssrc ssrc, ushort sequenceNumber)
    {
        var last = new ExtendedSequenceNumber((long)_indexes.GetValueOrDefault(ssrc, sequenceNumber));
        return _indexes[ssrc] = (ulong)Math.Max(last.Unwrap(sequenceNumber).Value, 0);
    }

    private byte[] Header(Ssrc ssrc, byte payloadType, bool marker, int step)
    {
        var header = new byte[12];
        (header[0], header[1]) = (0x80, (byte)((marker ? 0x80 : 0) | (payloadType & 0x7F)));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)((long)_indexes.GetValueOrDefault(ssrc, 65_400UL) + step));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), _timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), ssrc.Value);
        return header;
    }

    private void Send(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ulong index)
    {
        if (Client.IsConnected && header.Length + payload.Length <= 2000)
            Client.SendPacket(header, payload, index);
    }
}
