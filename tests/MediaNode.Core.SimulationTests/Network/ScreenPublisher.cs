using System.Buffers.Binary;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>
/// A participant that shows a screen on which little moves, in one VP8 encoding without layers: a key frame of a large still picture, then small differences to it.
/// </summary>
internal sealed class ScreenPublisher
{
    private const int PacketBytes = 1100;
    private const int DifferenceBytes = 300;

    /// <summary>Descriptor with a long picture id, then the header of a key frame.</summary>
    private const int DescriptorLength = 4;
    private const int FrameHeaderLength = 10;
    private const int HistoryPackets = 1024;
    private const int ClockRate = 90_000;

    private readonly Conference _conference;
    private readonly RtcClient _client;
    private readonly PayloadType _payloadType;
    private readonly Ssrc _ssrc;
    private readonly Dictionary<ushort, (byte[] Header, byte[] Payload, ulong Index)> _history = [];
    private ulong _index;
    private int _frame;
    private bool _isKeyFrameWanted = true;

    public ScreenPublisher(Conference conference, ulong user)
    {
        _conference = conference;
        _ssrc = new((uint)user * 10 + 5);
        PeerId = conference.NextPeerId();
        _client = conference.CreateClient(out var address);
        Address = address;
        var offer = _client.CreateOffer(new(null, new(_ssrc, new Ssrc((uint)user * 10 + 6)), [], HasData: false, $"cname-{user}", $"stream-{user}"));
        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, user, PeerId, offer, 0, conference.Now));
        _client.AcceptAnswer(published.SdpAnswer, conference.Now);
        _payloadType = _client.Media.Single().Codec!.PayloadType;
    }

    public ulong PeerId { get; }

    public TransportAddress Address { get; }

    public RtcClient Client => _client;

    public int KeyFrameBytes { get; init; } = 150_000;

    /// <summary>Each difference; zero for a screen on which nothing moves.</summary>
    public int DifferencePackets { get; init; } = 1;

    /// <summary>When each key frame was sent.</summary>
    public List<Instant> KeyFrames { get; } = [];

    /// <summary>Key frames that were asked for.</summary>
    public int Requests { get; private set; }

    public void SendFrame()
    {
        while (_client.TryTakeControl(out var compound))
            Handle(compound);
        var isKeyFrame = _isKeyFrameWanted;
        _isKeyFrameWanted = false;
        if (isKeyFrame)
            KeyFrames.Add(_conference.Now);
        var packets = isKeyFrame ? KeyFrameBytes / PacketBytes : DifferencePackets;
        if (packets > 0)
            _frame++;
        for (var i = 0; i < packets; i++)
            Send(new(0, _frame, i, packets, isKeyFrame ? [] : [_frame - 1]), isKeyFrame ? PacketBytes : DifferenceBytes);
        _conference.Drain();
    }

    private void Handle(byte[] compound)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
            return;
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        foreach (var packet in packets)
        {
            if (PictureLossView.TryParse(packet, out var loss, out _) && loss.Header.Media == _ssrc)
            {
                _isKeyFrameWanted = true;
                Requests++;
            }
            else if (NackView.TryParse(packet, out var nack, out _) && nack.Header.Media == _ssrc)
                Resend(lost[..nack.CopyLost(lost)]);
        }
    }

    private void Send(FrameStamp stamp, int bytes)
    {
        var payload = new byte[bytes];
        (payload[0], payload[1]) = ((byte)(stamp.Packet == 0 ? 0x90 : 0x80), 0x80);
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), (ushort)(_frame | 0x8000));
        payload[DescriptorLength] = (byte)(stamp.IsKeyFrame ? 0 : 1);
        stamp.Write(payload.AsSpan(DescriptorLength + FrameHeaderLength));
        var header = new byte[12];
        (header[0], header[1]) = (0x80, (byte)((stamp.Packet == stamp.Packets - 1 ? 0x80 : 0) | _payloadType.Value));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)_index);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), (uint)(_conference.Now.Nanoseconds / 1000 * (ClockRate / 1000) / 1000));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), _ssrc.Value);
        _history[(ushort)_index] = (header, payload, _index);
        _history.Remove((ushort)(_index - HistoryPackets));
        _client.SendPacket(header, payload, _index++);
    }

    private void Resend(ReadOnlySpan<ushort> numbers)
    {
        foreach (var number in numbers)
        {
            if (_history.TryGetValue(number, out var packet))
                _client.SendPacket(packet.Header, packet.Payload, packet.Index);
        }
    }
}
