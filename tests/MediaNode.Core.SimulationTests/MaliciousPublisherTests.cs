using System.Buffers.Binary;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.SimulationTests.Scenarios;

namespace MediaNode.Core.SimulationTests;

/// <summary>
/// A publisher that has its keys and sends what it likes, to subscribers who ask for packets again. Whatever comes of it for the picture: what the node encrypts under one
/// SSRC and index must be one packet, or the victims' keys are given away (RFC 7714 section 10.1).
/// </summary>
public sealed class MaliciousPublisherTests
{
    private const int Steps = 2500;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Fact]
    public void Other_bytes_under_a_number_that_was_sent_long_ago_are_not_what_is_sent_again()
    {
        using var stage = new Stage(seed: 1);
        stage.SendFrames(40);
        var victim = stage.Victims[0];
        var asked = (ushort)(victim.Highest(victim.Sources[1]) - 100);

        // By RTX, since SRTP takes no number of the stream itself twice.
        for (ushort back = 90; back < 110; back++)
            stage.SendRetransmission((ushort)(stage.VideoIndex - back), [0x10, 1, 0xEE, 0xEE, 0xEE]);
        for (var i = -10; i <= 10; i++)
            victim.Nack(victim.Sources[1], (ushort)(asked + i));
        stage.Run();

        Assert.True(stage.Conference.Engine.Counters.PacketsResent + stage.Repeated(victim) > 0, "nothing was sent again, so nothing was tried");
        Assert.True(stage.Conference.Engine.Drops[DropReason.RtpDuplicate] >= 19, "what was refused was not counted");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_index_protects_two_packets_whatever_an_authenticated_publisher_sends(int seed)
    {
        using var stage = new Stage(seed);
        stage.SendFrames(5);
        for (var step = 0; step < Steps; step++)
            stage.Misbehave();
        stage.SendFrames(5);

        Assert.Equal(0, stage.Conference.Engine.Counters.SessionsFailed);
        Assert.True(stage.Victims.Sum(stage.Repeated) > 100, $"only {stage.Victims.Sum(stage.Repeated)} packets were sent again under their own number");
    }

    /// <summary>The publisher and three victims: without RTX, with it, and one that takes redundant audio and has no RTX either.</summary>
    private sealed class Stage : IDisposable
    {
        private static readonly PayloadType Opus = new(111);
        private static readonly PayloadType Red = new(63);
        private static readonly PayloadType Vp8 = new(96);
        private static readonly PayloadType Rtx = new(97);

        private readonly WireAudit _audit = new();
        private readonly Random _random;
        private readonly RtcClient _client;
        private readonly ulong _peerId;
        private readonly Func<bool, string> _offer;
        private Ssrc _video = new(2002);
        private Ssrc _audio = new(2001);
        private readonly Ssrc _rtx = new(2003);
        private ulong _audioIndex = 100;
        private ulong _rtxIndex = 100;
        private uint _timestamp;
        private uint _nextSsrc = 5000;

        public Stage(int seed)
        {
            Conference = new(seed);
            _random = new(seed);
            Conference.Join(1);
            _peerId = Conference.NextPeerId();
            _client = Conference.CreateClient(out var address);
            _offer = red => _client.CreateOffer(new(new(_audio, null), new(_video, _rtx), [], HasData: false, "c", "s") { PrefersRedundancy = red });
            _client.AcceptAnswer(Publish(red: true), Conference.Now);
            Conference.RunUntil(() => _client.IsConnected && Conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(5), "the publisher connects");
            Victims = [new(Conference, 2, withRtx: false, withRed: false), new(Conference, 3, withRtx: true, withRed: false), new(Conference, 4, withRtx: false, withRed: true)];
            _audit.Know(address, _client);
            foreach (var victim in Victims)
                _audit.Know(victim.Address, victim.Client);
            Conference.Network.Filter = (from, to, datagram) =>
            {
                if (from == Network.Conference.ServerAddress)
                    _audit.Look(to, datagram);
                return true;
            };
            Conference.RunUntil(() => Conference.Happenings<PeerConnected>().Count() == 4, TimeSpan.FromSeconds(5), "the victims connect");
        }

        public Conference Conference { get; }

        public IReadOnlyList<Victim> Victims { get; }

        /// <summary>Of the next packet.</summary>
        public ulong VideoIndex { get; private set; } = 65_000;

        public int Repeated(Victim victim) => victim.Sources.Sum(ssrc => _audit.Find(victim.Client, ssrc)?.Repeated ?? 0);

        public void SendFrames(int count)
        {
            for (var frame = 0; frame < count; frame++)
            {
                SendFrame(isKeyFrame: frame == 0);
                Run();
            }
        }

        public void Run()
        {
            Conference.Run(TimeSpan.FromMilliseconds(20));
            foreach (var victim in Victims)
                victim.Receive();
        }

        public void SendRetransmission(ushort number, byte[] payload)
        {
            byte[] original = [(byte)(number >> 8), (byte)number, .. payload];
            Send(_rtx, Rtx, _rtxIndex++, original, marker: false);
        }

        public void Misbehave()
        {
            switch (_random.Next(16))
            {
                case 0:
                    SendFrame(isKeyFrame: true);
                    break;
                case 1 or 2 or 3 or 4:
                    SendFrame(isKeyFrame: false);
                    break;
                case 5 or 6 or 7:
                    // Near, far, and past every window.
                    for (var i = 0; i < 5; i++)
                        SendRetransmission((ushort)(VideoIndex - (ulong)_random.Next(_random.Next(2) == 0 ? 150 : 3000)), Payload(isKeyFrame: _random.Next(8) == 0));
                    break;
                case 8:
                    VideoIndex += (ulong)_random.Next(1, _random.Next(8) == 0 ? 20_000 : 40);
                    break;
                case 9 when _random.Next(10) == 0:
                    // A new sender, announced or not.
                    _video = new(_nextSsrc++);
                    VideoIndex = (ulong)_random.Next(0x10000);
                    if (_random.Next(2) == 0)
                        Publish(red: true);
                    break;
                case 10:
                    SendAudio(Redundant(), Red);
                    break;
                case 11:
                    SendAudio(Bytes(_random.Next(1, 80)), _random.Next(2) == 0 ? Opus : Red);
                    break;
                case 12:
                    _audioIndex += (ulong)_random.Next(1, 3);
                    SendAudio(Redundant(), Red);
                    break;
                case 13:
                    Send(_video, _random.Next(2) == 0 ? Rtx : Opus, VideoIndex++, Bytes(_random.Next(30)), marker: true);
                    break;
                case 14 when _random.Next(20) == 0:
                    Publish(red: _random.Next(2) == 0);
                    break;
                default:
                    _timestamp += (uint)_random.NextInt64(uint.MaxValue);
                    break;
            }
            foreach (var victim in Victims)
                victim.NackSome(_random);
            if (_random.Next(3) == 0)
                Run();
        }

        public void Dispose() => Conference.Dispose();

        private string Publish(bool red) => Network.Conference.Value(Conference.Engine.Publish(
            Network.Conference.RoomId, Network.Conference.Epoch, 1, _peerId, _offer(red), 0, Conference.Now)).SdpAnswer;

        private void SendFrame(bool isKeyFrame)
        {
            _timestamp += 3000;
            for (var i = 0; i < 4; i++)
                Send(_video, Vp8, VideoIndex++, Payload(isKeyFrame, isFirst: i == 0), marker: i == 3);
            SendAudio(Bytes(30), Opus);
        }

        private void SendAudio(byte[] payload, PayloadType payloadType) => Send(_audio, payloadType, _audioIndex++, payload, marker: false);

        /// <summary>Two blocks, of which the second may be a row of 0xFF.</summary>
        private byte[] Redundant()
        {
            byte[] block = _random.Next(2) == 0 ? [.. Enumerable.Repeat((byte)0xFF, _random.Next(1, 60))] : Bytes(_random.Next(0, 60));
            return [0x80 | 111, 0x0F, (byte)(block.Length >> 8), (byte)block.Length, 111, .. block, .. Bytes(_random.Next(1, 60))];
        }

        private byte[] Payload(bool isKeyFrame, bool isFirst = true) => [(byte)(isFirst ? 0x10 : 0), (byte)(isKeyFrame ? 0 : 1), .. Bytes(_random.Next(20, 1000))];

        private byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            _random.NextBytes(bytes);
            return bytes;
        }

        private void Send(Ssrc ssrc, PayloadType payloadType, ulong index, byte[] payload, bool marker)
        {
            var header = new byte[12];
            (header[0], header[1]) = (0x80, (byte)((marker ? 0x80 : 0) | payloadType.Value));
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)index);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), _timestamp);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), ssrc.Value);
            _client.SendPacket(header, payload, index);
            Conference.Drain();
        }
    }

    /// <summary>Gets both streams, and asks for packets again that it has.</summary>
    private sealed class Victim
    {
        private readonly Conference _conference;
        private readonly Dictionary<Ssrc, ushort> _highest = [];

        public Victim(Conference conference, ulong user, bool withRtx, bool withRed)
        {
            _conference = conference;
            conference.Join(user);
            var peerId = conference.NextPeerId();
            Client = conference.CreateClient(out var address);
            Address = address;
            var offer = Conference.Value(conference.Engine.Subscribe(
                Conference.RoomId, Conference.Epoch, user, peerId, [new(1, null)], "", conference.Now)).SdpOffer!;
            var lines = offer.Split("\r\n").Where(line =>
                (withRtx || (!line.Contains(" rtx/", StringComparison.Ordinal) && !line.Contains(" apt=", StringComparison.Ordinal)))
                && (withRed || !line.Contains(":63 ", StringComparison.Ordinal)));
            var answer = Client.AnswerOffer(string.Join("\r\n", lines), conference.Now);
            Conference.Value(conference.Engine.Answer(Conference.RoomId, Conference.Epoch, peerId, answer, conference.Now));
            Sources = [.. Client.Media.Select(media => media.Sources[0].Primary)];
        }

        public RtcClient Client { get; }

        public TransportAddress Address { get; }

        /// <summary>Of audio and of video.</summary>
        public IReadOnlyList<Ssrc> Sources { get; }

        public ushort Highest(Ssrc ssrc) => _highest.GetValueOrDefault(ssrc);

        public void Receive()
        {
            while (Client.TryTakePacket(out var bytes))
            {
                Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _));
                if (!_highest.TryGetValue(packet.Ssrc, out var highest) || (short)(packet.SequenceNumber - highest) > 0)
                    _highest[packet.Ssrc] = packet.SequenceNumber;
            }
            Assert.Equal(0, Client.BadPackets);
        }

        /// <summary>Some in a row: mostly of those that are kept.</summary>
        public void NackSome(Random random)
        {
            if (random.Next(3) != 0)
                return;
            var ssrc = Sources[random.Next(2)];
            var last = Highest(ssrc) - random.Next(300);
            Nack(ssrc, [.. Enumerable.Range(last - 7, 8).Select(number => (ushort)number)]);
        }

        public void Nack(Ssrc ssrc, params ReadOnlySpan<ushort> numbers)
        {
            var buffer = new byte[128];
            var writer = new RtcpWriter(buffer);
            writer.WriteNack(new(new(9), ssrc), numbers);
            Client.SendControl(buffer.AsSpan(0, writer.Length));
            _conference.Drain();
        }
    }
}
