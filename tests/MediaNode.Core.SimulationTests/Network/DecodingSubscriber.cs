using System.Buffers.Binary;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Recovery;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>Receives the video of a <see cref="SimulcastPublisher"/>, asks for what is missing, and keeps everything for <see cref="PlayBack"/>.</summary>
internal sealed class DecodingSubscriber
{
    private readonly Conference _conference;
    private readonly string _room;
    private readonly Ssrc _ssrc;
    private readonly Ssrc? _rtx;
    private readonly byte _midId;
    private readonly NackGenerator _nack = new();
    private ExtendedSequenceNumber? _highest;

    public DecodingSubscriber(Conference conference, ulong user, ulong publisher, bool acceptsRtx = true, string room = Conference.RoomId, LayerWish? layers = null)
    {
        _conference = conference;
        _room = room;
        PeerId = conference.NextPeerId();
        Client = conference.CreateClient(out var address);
        Address = address;
        var subscribed = Conference.Value(conference.Engine.Subscribe(
            room, Conference.Epoch, user, PeerId, [new StreamWish(publisher, null, layers)], "", conference.Now));
        var offer = subscribed.SdpOffer!;
        // Without its rtpmap, a payload type is one that this client does not know.
        if (!acceptsRtx)
            offer = string.Join("\r\n", offer.Split("\r\n").Where(line => !line.Contains(" rtx/90000", StringComparison.Ordinal) && !line.Contains("apt=", StringComparison.Ordinal)));
        var answer = Client.AnswerOffer(offer, conference.Now);
        Conference.Value(conference.Engine.Answer(room, Conference.Epoch, PeerId, answer, conference.Now));
        var media = Client.Media.Single(media => media.Kind == MediaKind.Video);
        _midId = media.Extensions[HeaderExtensionUri.Mid];
        var source = media.Sources.Single();
        (_ssrc, _rtx) = (source.Primary, source.Retransmission);
    }

    public ulong PeerId { get; }

    public TransportAddress Address { get; }

    public RtcClient Client { get; }

    public int Retransmissions { get; private set; }

    public SortedDictionary<long, ReceivedPacket> Packets { get; } = [];

    public void Want(byte? spatial, byte? temporal) => Want(new LayerWish(spatial, temporal));

    public void Want(LayerWish layers) => Configure(new("", null, layers));

    public void Configure(DownTrackConfiguration configuration) => Conference.Value(_conference.Engine.Configure(
        _room, Conference.Epoch, PeerId, new([configuration], null, false), _conference.Now));

    /// <summary>Sends a receiver report.</summary>
    public void Report()
    {
        Span<byte> buffer = stackalloc byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new(99), [new(_ssrc, 0, 0, 0, 0, 0, 0)]);
        Client.SendControl(buffer[..writer.Length]);
        _conference.Drain();
    }

    public void Receive()
    {
        while (Client.TryTakePacket(out var bytes))
        {
            Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _));
            if (packet.Ssrc == _ssrc)
            {
                Keep(packet.SequenceNumber, packet, packet.Payload);
                continue;
            }
            Assert.Equal(_rtx, packet.Ssrc);
            Retransmissions++;
            Keep(BinaryPrimitives.ReadUInt16BigEndian(packet.Payload), packet, packet.Payload[2..]);
        }
        SendNacks();
    }

    private void Keep(ushort sequenceNumber, in RtpPacketView packet, ReadOnlySpan<byte> payload)
    {
        var number = _highest?.Unwrap(sequenceNumber) ?? new(0x1_0000 + sequenceNumber);
        if (_highest is null || number > _highest)
            _highest = number;
        _nack.HandlePacket((ulong)number.Value, _conference.Now);
        var received = new ReceivedPacket(number.Value, packet.Timestamp.Value, packet.Marker, payload.ToArray(), MidOf(packet), _conference.Now);
        if (Packets.TryAdd(number.Value, received))
            return;
        var first = Packets[number.Value];
        Assert.Equal(first.Timestamp, received.Timestamp);
        Assert.Equal(first.Payload, received.Payload);
    }

    private string? MidOf(in RtpPacketView packet) =>
        packet.TryGetExtension(_midId, out var mid) ? System.Text.Encoding.ASCII.GetString(mid) : null;

    private void SendNacks()
    {
        Span<ushort> due = stackalloc ushort[64];
        Span<byte> buffer = stackalloc byte[512];
        var count = _nack.TakeDue(_conference.Now, due, out _);
        if (count > 0)
        {
            var writer = new RtcpWriter(buffer);
            writer.WriteNack(new(new(99), _ssrc), due[..count]);
            Client.SendControl(buffer[..writer.Length]);
        }
        _conference.Drain();
    }
}

internal sealed record ReceivedPacket(long Number, uint Timestamp, bool Marker, byte[] Payload, string? Mid, Instant At);
