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
    private readonly RtcClient _client;
    private readonly ClientMedia _media;

    public SimulatedPublisher(Conference conference, ulong user, ushort firstSequence = 0, string room = Conference.RoomId, ulong? sourcesOf = null)
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
        var offer = _client.CreateOffer(_media);
        var published = Conference.Value(conference.Engine.Publish(room, Conference.Epoch, user, PeerId, offer, 0, conference.Now));
        _client.AcceptAnswer(published.SdpAnswer, conference.Now);
        Audio = CreateSource(MediaKind.Audio, audio.Primary, firstSequence);
        Video = CreateSource(MediaKind.Video, video.Primary, firstSequence);
    }

    public ulong User { get; }

    public ulong PeerId { get; }

    public TransportAddress Address { get; }

    public RtcClient Client => _client;

    public NumberedSource Audio { get; }

    public NumberedSource Video { get; }

    /// <summary>The same media under new ICE credentials.</summary>
    public string CreateRestartOffer() => _client.CreateOffer(_media, restartsIce: true);

    /// <summary>What the microphone's packets say of themselves (RFC 6464): 0 loudest, 127 silence; null for nothing.</summary>
    public byte? AudioLevel { get; set; }

    /// <summary>Sends one frame of video and the audio that goes with it.</summary>
    public void SendFrame(int videoPackets = 4)
    {
        while (_client.TryTakeControl(out var compound))
            Video.HandleControl(_client, compound);
        Video.SendFrame(_client, videoPackets, VideoBytes, _conference.Now);
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
