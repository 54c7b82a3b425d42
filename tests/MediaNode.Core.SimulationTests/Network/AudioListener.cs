using System.Buffers.Binary;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>Receives the audio of one publisher, with redundancy or without, and keeps every packet.</summary>
internal sealed class AudioListener
{
    public const byte OpusPayloadType = 111;
    public const byte RedPayloadType = 63;

    private readonly Conference _conference;

    public AudioListener(Conference conference, ulong user, ulong publisher, bool takesRedundancy)
    {
        _conference = conference;
        conference.Join(user);
        PeerId = conference.NextPeerId();
        Client = conference.CreateClient(out var address);
        Address = address;
        var subscribed = Conference.Value(conference.Engine.Subscribe(
            Conference.RoomId, Conference.Epoch, user, PeerId, [new StreamWish(publisher, null)], "", conference.Now));
        Offer = subscribed.SdpOffer!;
        var answer = Client.AnswerOffer(takesRedundancy ? Offer : WithoutRedundancy(Offer), conference.Now);
        Conference.Value(conference.Engine.Answer(Conference.RoomId, Conference.Epoch, PeerId, answer, conference.Now));
        conference.RunUntil(
            () => conference.Happenings<PeerConnected>().Any(connected => connected.PeerId == PeerId), TimeSpan.FromSeconds(20), $"listener {user} connects");
    }

    public ulong PeerId { get; }

    public TransportAddress Address { get; }

    public RtcClient Client { get; }

    public string Offer { get; }

    /// <summary>In the order they came.</summary>
    public List<HeardPacket> Packets { get; } = [];

    /// <summary>Numbers of the frames that can be played: from primary blocks and from redundant ones.</summary>
    public SortedSet<int> Frames { get; } = [];

    public void Receive()
    {
        while (Client.TryTakePacket(out var bytes))
        {
            Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _));
            Assert.Contains(packet.PayloadType.Value, new[] { OpusPayloadType, RedPayloadType });
            var isRedundant = packet.PayloadType.Value == RedPayloadType;
            var primary = packet.Payload;
            if (isRedundant)
            {
                Assert.True(RedundantPayload.TryParse(packet.Payload, out var redundant, out _));
                Assert.True(redundant.IsAllOf(new(OpusPayloadType)));
                for (var i = 0; i < redundant.RedundantCount; i++)
                    Frames.Add(BinaryPrimitives.ReadInt32BigEndian(redundant[i].Data));
                primary = redundant.Primary;
            }
            var level = packet.TryGetExtension(1, out var value) ? value[0] : (byte?)null;
            var heard = new HeardPacket(packet.SequenceNumber, packet.Timestamp.Value, isRedundant, primary.ToArray(), level, bytes);
            Frames.Add(heard.Frame);
            Packets.Add(heard);
        }
    }

    public void Nack(params ReadOnlySpan<ushort> numbers)
    {
        var buffer = new byte[128];
        var writer = new RtcpWriter(buffer);
        writer.WriteNack(new(new(99), Client.Media.Single().Sources.Single().Primary), numbers);
        Client.SendControl(buffer.AsSpan(0, writer.Length));
        _conference.Drain();
    }

    /// <summary>What a browser that knows nothing of redundancy makes of the offer.</summary>
    private static string WithoutRedundancy(string offer)
    {
        Assert.Contains("SAVPF 111 63\r\n", offer, StringComparison.Ordinal);
        var lines = offer.Replace("SAVPF 111 63\r\n", "SAVPF 111\r\n", StringComparison.Ordinal).Split("\r\n");
        return string.Join("\r\n", lines.Where(line => !line.Contains(":63 ", StringComparison.Ordinal)));
    }
}

/// <param name="Primary">The frame that the packet is about.</param>
/// <param name="Level">Of the audio level extension; null without.</param>
/// <param name="Bytes">The whole packet in the clear.</param>
internal sealed record HeardPacket(ushort SequenceNumber, uint Timestamp, bool IsRedundant, byte[] Primary, byte? Level, byte[] Bytes)
{
    public int Frame => BinaryPrimitives.ReadInt32BigEndian(Primary);
}
