using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A participant that sends audio and video, frame by frame, and reacts to feedback.</summary>
internal sealed class SimulatedPublisher
{
    private const int AudioBytes = 100;
    private const int VideoBytes = 1000;

    private readonly Conference _conference;
    private RtcClient _client;
    private ClientMedia _media;

    /// <param name="conference">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="firstSequence">Of both streams.</param>
    /// <param name="room">Which room.</param>
    /// <param name="sourcesOf">Whose SSRCs it has.</param>
    /// <param name="without">Lines that contain one of these are left out of the offer: what the client cannot do.</param>
    public SimulatedPublisher(Conference conference, ulong user, ushort firstSequence = 0, string room = Conference.RoomId, ulong? sourcesOf = null, params string[] without)
    {
        _conference = conference;
        User = user;
        PeerId = conference.NextPeerId();
        _client = conference.CreateClient(out var address);
        Address = address;
        var first = (uint)(sourcesOf ?? user) * 10 + 1;
        var audio = new SourcePair(new(first), null);
        var video = new SourcePair(new(first + 1), new Ssrc(first + 2));
        _media = new(audio, video, [], HasData: false, $"cname-{user}", $"stream-{user}");
        var offer = string.Join("\r\n", _client.CreateOffer(_media).Split("\r\n").Where(line => !without.Any(part => line.Contains(part, StringComparison.Ordinal))));
        var published = Conference.Value(conference.Engine.Publish(room, Conference.Epoch, user, PeerId, offer, 0, conference.Now));
        _client.AcceptAnswer(published.SdpAnswer, conference.Now);
        Audio = CreateSource(MediaKind.Audio, audio.Primary, firstSequence);
        Video = CreateSource(MediaKind.Video, video.Primary, firstSequence);
    }

    public ulong User { get; }

    public ulong PeerId { get; }

    public TransportAddress Address { get; private set; }

    public RtcClient Client => _client;

    public NumberedSource Audio { get; }

    public NumberedSource Video { get; }

    /// <summary>Its media come from new senders from now on; later offers say so.</summary>
    /// <param name="beginsWithKeyFrame">As browsers do.</param>
    public void RestartSenders(ushort firstSequence, uint timestamp, bool beginsWithKeyFrame = true)
    {
        var (audio, video, rtx) = (new Ssrc(Audio.Ssrc.Value + 100), new Ssrc(Video.Ssrc.Value + 100), new Ssrc(Video.Ssrc.Value + 101));
        _media = _media with { Audio = new(audio, null), Video = new(video, rtx) };
        Audio.Restart(audio, firstSequence, timestamp);
        Video.Restart(video, firstSequence, timestamp, beginsWithKeyFrame);
    }

    /// <summary>The page makes its PeerConnection anew, and offers on the same handle.</summary>
    /// <param name="change">To the offer.</param>
    public void RecreateConnection(Func<string, string>? change = null, bool withOtherCertificate = true)
    {
        _client = withOtherCertificate ? _conference.CreateClientWithOtherCertificate(out var address) : _conference.CreateClient(out address);
        Address = address;
        RestartSenders(firstSequence: 100, timestamp: 7);
        var offer = CreateOffer();
        var published = Conference.Value(_conference.Engine.Publish(
            Conference.RoomId, Conference.Epoch, User, PeerId, change is null ? offer : change(offer), 0, _conference.Now));
        _client.AcceptAnswer(published.SdpAnswer, _conference.Now);
    }

    /// <summary>The same media once more.</summary>
    public string CreateOffer() => _client.CreateOffer(_media);

    /// <summary>The same media under new ICE credentials.</summary>
    public string CreateRestartOffer() => _client.CreateOffer(_media, restartsIce: true);

    /// <summary>A key frame of a camera is so many times as large as what follows it. One makes packets easy to count.</summary>
    public int KeyFrameFactor { get; init; } = 6;

    /// <summary>What the microphone's packets say of themselves (RFC 6464): 0 loudest, 127 silence; null for nothing.</summary>
    public byte? AudioLevel { get; set; }

    /// <summary>Sends one frame of video and the audio that goes with it.</summary>
    public void SendFrame(int videoPackets = 4, int videoBytes = VideoBytes)
    {
        while (_client.TryTakeControl(out var compound))
            Video.HandleControl(_client, compound);
        Video.SendFrame(_client, Video.KeyFrameWanted ? videoPackets * KeyFrameFactor : videoPackets, videoBytes, _conference.Now);
        // RFC 8285 section 4.2: one-byte headers; id 1 is the audio level in the offer.
        ReadOnlySpan<byte> level = AudioLevel is { } value ? [0xBE, 0xDE, 0, 1, 0x10, value, 0, 0] : [];
        Audio.SendFrame(_client, 1, AudioBytes, _conference.Now, level);
        _conference.Drain();
    }

    private NumberedSource CreateSource(MediaKind kind, Ssrc ssrc, ushort firstSequence)
    {
        var codec = _client.Media.Single(media => media.Kind == kind).Codec!;
        return new(ssrc, codec.PayloadType, codec.ClockRate, kind == MediaKind.Video, firstSequence);
    }
}
