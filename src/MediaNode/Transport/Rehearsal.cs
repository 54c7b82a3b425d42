using System.Buffers.Binary;
using System.Net;
using System.Runtime;
using System.Runtime.InteropServices;
using MediaNode.Core.Client;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Transport;

/// <summary>
/// A short call that the node plays to itself before it takes others: one publisher and two subscribers, joined, connected, with media and feedback, in
/// an engine of its own without sockets. It compiles the code that a call runs through, which would otherwise cost the first real ones some 100 ms each,
/// and finds out at the start whether cryptography works on this machine.
/// </summary>
internal sealed class Rehearsal : ITransmitter, IDisposable
{
    private const string RoomId = "rehearsal";
    private const ulong Epoch = 1;
    private const int SubscriberCount = 2;

    /// <summary>Two seconds of video, so that reports and everything else that comes once a second has its turn.</summary>
    private const int Frames = 60;

    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(1000.0 / 30);

    /// <summary>From the node to a client and back, as the call's own time counts.</summary>
    private static readonly TimeSpan OneWay = TimeSpan.FromMilliseconds(1);

    private const int PacketsPerFrame = 5;
    private const int PacketBytes = 1000;

    /// <summary>Methods are compiled anew, in the background, when they were called 30 and again when they were called 60 times. A call takes some 10 ms.</summary>
    private const int CallsPerLook = 10;

    /// <summary>Compiled within that many calls by whatever else begins in the process.</summary>
    private const int FewMethods = 50;

    /// <summary>People wait for a node that starts in the place of another.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(2);

    /// <summary>A handshake takes six; more means that it does not come to an end.</summary>
    private const int MaximumRounds = 50;

    private static readonly Ssrc Audio = new(0x1001);
    private static readonly Ssrc Video = new(0x1002);

    /// <summary>Addresses for documentation (RFC 5737): nothing is sent to them.</summary>
    private static readonly IPEndPoint Node = new(IPAddress.Parse("192.0.2.1"), 40000);

    private readonly Dictionary<TransportAddress, RtcClient> _clients = [];
    private readonly Queue<(TransportAddress To, byte[] Datagram)> _arriving = new();
    private readonly DtlsCertificate _certificate;
    private readonly DtlsContext _dtls;
    private readonly MediaEngine _engine;
    private readonly NtpClock _clock = MonotonicClock.CreateNtpClock();

    /// <summary>The call's own time, in which nobody waits.</summary>
    private Instant _now = MonotonicClock.Now;
    private byte _feedbackCount;

    private Rehearsal(DtlsCertificate certificate, DtlsContext dtls)
    {
        _certificate = certificate;
        _dtls = dtls;
        _engine = new(new()
        {
            Transmitter = this,
            Certificate = certificate,
            Dtls = dtls,
            Entropy = new SystemEntropy(),
            Clock = _clock,
            Candidates = [Node],
        });
    }

    /// <summary>Plays calls until the runtime has compiled for good what they use, or <see cref="LongestTime"/> is over.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="InvalidOperationException">A call does not work on this machine.</exception>
    public static int PlayUntilCompiled(DtlsCertificate certificate, DtlsContext dtls)
    {
        var started = MonotonicClock.Now;
        var compiled = 0L;
        for (var calls = 1; ; calls++)
        {
            using (var rehearsal = new Rehearsal(certificate, dtls))
                rehearsal.Play();
            if (MonotonicClock.Now - started > LongestTime)
                return calls;
            if (calls % CallsPerLook != 0)
                continue;
            var before = compiled;
            compiled = JitInfo.GetCompiledMethodCount();
            if (compiled - before < FewMethods)
                return calls;
        }
    }

    void ITransmitter.Flush(TransmitBatch batch)
    {
        foreach (ref readonly var transmit in batch.Transmits)
        {
            for (var i = 0; i < transmit.SegmentCount; i++)
                _arriving.Enqueue((transmit.Destination, batch.Slab[transmit.Segment(i)]));
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
            client.Dispose();
    }

    private void Play()
    {
        const ulong Publisher = 1;
        Check(_engine.Join(RoomId, Epoch, Publisher, "", "", new(0, 0), _now));
        var sender = CreateClient();
        var offer = sender.CreateOffer(new(new(Audio, null), new(Video, new Ssrc(0x1003)), [], HasData: false, "rehearsal", "rehearsal"));
        sender.AcceptAnswer(Check(_engine.Publish(RoomId, Epoch, Publisher, Publisher, offer, 0, _now)).SdpAnswer, _now);
        Connect();
        for (var user = Publisher + 1; user <= Publisher + SubscriberCount; user++)
            Subscribe(user, Publisher);
        Connect();
        for (var frame = 0; frame < Frames; frame++)
            SendFrame(sender, frame);
        Check(_engine.CloseRoom(RoomId, Epoch, "over", _now));
        Exchange();
        if (_engine.Counters.PacketsForwarded < Frames * SubscriberCount)
            throw new InvalidOperationException($"a rehearsed call forwarded only {_engine.Counters.PacketsForwarded} packets");
    }

    private void Subscribe(ulong user, ulong publisher)
    {
        Check(_engine.Join(RoomId, Epoch, user, "", "", new(0, 0), _now));
        var client = CreateClient();
        var subscribed = Check(_engine.Subscribe(RoomId, Epoch, user, user, [new StreamWish(publisher, null)], "", _now));
        Check(_engine.Answer(RoomId, Epoch, user, client.AnswerOffer(subscribed.SdpOffer!, _now), _now));
    }

    private RtcClient CreateClient()
    {
        var endPoint = new IPEndPoint(IPAddress.Parse($"192.0.2.{_clients.Count + 10}"), 50000);
        var client = new RtcClient(_certificate, _dtls, new SystemEntropy(), endPoint);
        _clients.Add(TransportAddress.From(endPoint), client);
        return client;
    }

    private void Connect()
    {
        for (var round = 0; round < MaximumRounds; round++)
        {
            Exchange();
            if (_clients.Values.All(client => client.IsConnected))
                return;
        }
        throw new InvalidOperationException("a rehearsed call did not connect: is OpenSSL 3 what this machine has?");
    }

    private void SendFrame(RtcClient sender, int frame)
    {
        var video = sender.Media.First(media => media.Kind == MediaKind.Video).Codec!.PayloadType;
        var audio = sender.Media.First(media => media.Kind == MediaKind.Audio).Codec!.PayloadType;
        var payload = new byte[PacketBytes];
        for (var i = 0; i < PacketsPerFrame; i++)
        {
            // RFC 7741 section 4.2: S marks the start of a frame; the lowest bit of the frame's first byte is 0 in a key frame.
            payload[0] = (byte)(i == 0 ? 0x10 : 0);
            payload[1] = (byte)(frame == 0 ? 0 : 1);
            Send(sender, Video, video, frame * PacketsPerFrame + i, frame * 3000, isLast: i == PacketsPerFrame - 1, payload);
        }
        Send(sender, Audio, audio, frame, frame * 960, isLast: false, payload.AsSpan(0, 80));
        if (frame % 30 == 0)
            SendReports(sender, frame);
        Exchange();
        foreach (var receiver in _clients.Values.Where(client => client != sender))
            SendFeedback(receiver);
        Exchange();
        _now += FrameInterval;
    }

    private void SendReports(RtcClient sender, int frame)
    {
        Span<byte> buffer = stackalloc byte[256];
        var writer = new RtcpWriter(buffer);
        var ntp = _clock.At(_now);
        writer.WriteSenderReport(new(Video, ntp, new((uint)frame * 3000), 0, 0), []);
        writer.WriteSenderReport(new(Audio, ntp, new((uint)frame * 960), 0, 0), []);
        writer.WriteSourceDescription(Video, "rehearsal"u8);
        sender.SendControl(buffer[..writer.Length]);
    }

    private static void Send(RtcClient sender, Ssrc ssrc, PayloadType payloadType, int sequence, int timestamp, bool isLast, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[12];
        header[0] = 0x80;
        header[1] = (byte)((isLast ? 0x80 : 0) | payloadType.Value);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)sequence);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(header[8..], ssrc.Value);
        sender.SendPacket(header, payload, (ulong)sequence);
    }

    /// <summary>What a browser sends: transport-wide feedback on everything that came, a report, and once in a while a request for a packet or a key frame.</summary>
    private void SendFeedback(RtcClient receiver)
    {
        ushort last = 0;
        Ssrc? video = null;
        var arrivals = new List<PacketArrival>();
        var numberId = receiver.Media[0].Extensions.GetValueOrDefault(HeaderExtensionUri.TransportSequenceNumber);
        while (receiver.TryTakePacket(out var bytes))
        {
            if (!RtpPacketView.TryParse(bytes, out var packet, out _))
                continue;
            if (packet.TryGetExtension(numberId, out var number) && number.Length == sizeof(ushort))
                arrivals.Add(new(BinaryPrimitives.ReadUInt16BigEndian(number), true, TimeSpan.FromTicks(_now.Nanoseconds / 100)));
            if (packet.Payload.Length < PacketBytes)
                continue;
            last = packet.SequenceNumber;
            video = packet.Ssrc;
        }
        if (video is not { } ssrc)
            return;
        Span<byte> buffer = stackalloc byte[512];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new(1), [new(ssrc, 0, 0, last, 0, 0, 0)]);
        writer.WriteNack(new(new(1), ssrc), [last]);
        writer.WritePictureLoss(new(new(1), ssrc));
        writer.TryWriteTransportFeedback(new(new(1), ssrc), _feedbackCount++, CollectionsMarshal.AsSpan(arrivals));
        receiver.SendControl(buffer[..writer.Length]);
    }

    private void Exchange()
    {
        _now += OneWay;
        foreach (var (address, client) in _clients)
        {
            if (client.NextTimeout <= _now)
                client.HandleTimeout(_now);
            while (client.TryTakeTransmit(out var datagram, out _))
                _engine.HandleDatagram(address, datagram, _now);
        }
        if (_engine.NextTimeout <= _now)
            _engine.HandleTimeout(_now);
        _engine.Flush(_now);
        while (_engine.TryTakeEvent(out _))
        {
            // Nobody listens.
        }
        while (_arriving.TryDequeue(out var arrival))
        {
            if (_clients.TryGetValue(arrival.To, out var client))
                client.HandleDatagram(arrival.Datagram, _now);
        }
    }

    private static T Check<T>(CommandResult<T> result) => result.Failure is { } failure
        ? throw new InvalidOperationException($"a rehearsed call failed: {failure.Message}")
        : result.Value!;
}
