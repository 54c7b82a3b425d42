using System.Diagnostics;
using MediaNode.Core.Dtls;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.IntegrationTests.Fixtures;

/// <summary>One publisher and its subscribers at a node, with real sockets, in real time.</summary>
internal sealed class SocketCall : IDisposable
{
    private const int VideoBytes = 1000;
    private const int AudioBytes = 100;
    private const ulong Publishing = 1;

    /// <summary>RFC 6464: 30 dB below full scale. RFC 8285 section 4.2: one-byte headers; id 1 is the audio level in the offer.</summary>
    private static ReadOnlySpan<byte> AudioLevel => [0xBE, 0xDE, 0, 1, 0x10, 30, 0, 0];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(20);

    private readonly DtlsCertificate _certificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _dtls;
    private readonly RunningNode _node;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<SocketPeer> _peers = [];
    private readonly Dictionary<SocketPeer, HashSet<long>> _received = [];
    private NumberedSource _audio = null!;
    private NumberedSource _video = null!;
    private ulong _nextPeer = 1;

    private SocketCall(RunningNode node)
    {
        _node = node;
        _dtls = new(_certificate);
    }

    public SocketPeer Publisher => _peers[0];

    public long AudioPacketsSent => _audio.PacketsSent;

    /// <summary>Packets of video per frame.</summary>
    public int VideoPackets { get; set; } = 2;

    private Instant Now => new(_clock.Elapsed.Ticks * 100);

    public static async Task<SocketCall> StartAsync(RunningNode node, string publisherPath)
    {
        var call = new SocketCall(node);
        var publisher = call.Add(publisherPath);
        await node.JoinAsync(Publishing);
        var offer = publisher.Rtc.CreateOffer(new(new(new(11), null), new(new(12), new Ssrc(13)), [], HasData: false, "cname", "stream"));
        var published = await node.InvokeAsync((engine, now) => engine.Publish(RunningNode.RoomId, 1, Publishing, call._nextPeer++, offer, 0, now));
        publisher.Rtc.AcceptAnswer(published.SdpAnswer, call.Now);
        call._audio = call.Source(MediaKind.Audio, new(11));
        call._video = call.Source(MediaKind.Video, new(12));
        call.RunUntil(() => publisher.Rtc.IsConnected, "the publisher connects", sends: false);
        return call;
    }

    public async Task<SocketPeer> WatchAsync(ulong user, string path)
    {
        var subscriber = Add(path);
        _received.Add(subscriber, []);
        await _node.JoinAsync(user);
        var peer = _nextPeer++;
        var subscribed = await _node.InvokeAsync((engine, now) => engine.Subscribe(RunningNode.RoomId, 1, user, peer, [new StreamWish(Publishing, null)], "", now));
        var answer = subscriber.Rtc.AnswerOffer(subscribed.SdpOffer!, Now);
        await _node.InvokeAsync((engine, now) => engine.Answer(RunningNode.RoomId, 1, peer, answer, now));
        RunUntil(() => subscriber.Rtc.IsConnected, "a subscriber connects", sends: false);
        return subscriber;
    }

    /// <summary>Numbers of the audio packets that a subscriber has got.</summary>
    public IReadOnlySet<long> AudioOf(SocketPeer subscriber) => _received[subscriber];

    /// <summary>Audio comes, and goes on coming.</summary>
    public void Hears(SocketPeer subscriber, int packets = 50)
    {
        var before = AudioOf(subscriber).Count;
        RunUntil(() => AudioOf(subscriber).Count >= before + packets, $"{packets} packets of audio arrive");
    }

    public void RunUntil(Func<bool> condition, string what, bool sends = true)
    {
        var end = Now + Patience;
        var nextFrame = Now;
        while (!condition())
        {
            Assert.True(Now < end, $"not within {Patience.TotalSeconds} s: {what}");
            if (sends && Now >= nextFrame)
            {
                nextFrame += FrameInterval;
                _audio.SendFrame(Publisher.Rtc, 1, AudioBytes, Now, AudioLevel);
                _video.SendFrame(Publisher.Rtc, VideoPackets, VideoBytes, Now);
            }
            foreach (var peer in _peers)
                peer.Advance(Now);
            TakePackets();
            Thread.Yield();
        }
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
            peer.Dispose();
        _dtls.Dispose();
        _certificate.Dispose();
    }

    private SocketPeer Add(string path)
    {
        var peer = new SocketPeer(_certificate, _dtls, SocketPeer.Path.Parse(path));
        _peers.Add(peer);
        return peer;
    }

    private NumberedSource Source(MediaKind kind, Ssrc ssrc)
    {
        var codec = Publisher.Rtc.Media.Single(media => media.Kind == kind).Codec!;
        return new(ssrc, codec.PayloadType, codec.ClockRate, kind == MediaKind.Video);
    }

    private void TakePackets()
    {
        while (Publisher.Rtc.TryTakeControl(out var compound))
            _video.HandleControl(Publisher.Rtc, compound);
        foreach (var (subscriber, numbers) in _received)
        {
            while (subscriber.Rtc.TryTakeControl(out _))
            {
            }
            var audio = subscriber.Rtc.Media.Single(media => media.Kind == MediaKind.Audio).Sources.Single().Primary;
            while (subscriber.Rtc.TryTakePacket(out var bytes))
            {
                if (RtpPacketView.TryParse(bytes, out var packet, out _) && packet.Ssrc == audio)
                    numbers.Add(NumberedSource.ReadStamp(packet.Payload, isVideo: false).Number);
            }
        }
    }
}
