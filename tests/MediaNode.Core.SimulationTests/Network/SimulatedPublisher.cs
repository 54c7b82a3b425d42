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

    public SimulatedPublisher(Conference conference, ulong user, ushort firstSequence = 0)
    {
        _conference = conference;
        User = user;
        PeerId = conference.NextPeerId();
        _client = conference.CreateClient(out var address);
        Address = address;
        var audio = new SourcePair(new((uint)user * 10 + 1), null);
        var video = new SourcePair(new((uint)user * 10 + 2), new Ssrc((uint)user * 10 + 3));
        _media = new(audio, video, [], HasData: false, $"cname-{user}", $"stream-{user}");
        var offer = _client.CreateOffer(_media);
        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, user, PeerId, offer, 0, conference.Now));
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

    /// <summary>Sends one frame of video and the audio that goes with it.</summary>
    public void SendFrame(int videoPackets = 4)
    {
        while (_client.TryTakeControl(out var compound))
            Video.HandleControl(_client, compound);
        Video.SendFrame(_client, videoPackets, VideoBytes, _conference.Now);
        Audio.SendFrame(_client, 1, AudioBytes, _conference.Now);
        _conference.Drain();
    }

    private NumberedSource CreateSource(MediaKind kind, Ssrc ssrc, ushort firstSequence)
    {
        var codec = _client.Media.Single(media => media.Kind == kind).Codec!;
        return new(ssrc, codec.PayloadType, codec.ClockRate, kind == MediaKind.Video, firstSequence);
    }
}
