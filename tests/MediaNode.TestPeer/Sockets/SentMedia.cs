using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.TestPeer.Sockets;

/// <summary>A camera and a microphone: opus and VP8, numbered, with key frames when they are asked for.</summary>
public sealed class SentMedia : IPeerMedia
{
    private const int AudioBytes = 100;
    private const int VideoBytes = 600;
    private const int PacketsPerFrame = 2;

    /// <summary>25 frames a second.</summary>
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(40);

    private readonly RtcClient _client;
    private readonly NumberedSource _audio;
    private readonly NumberedSource _video;

    private SentMedia(RtcClient client, SourcePair audio, SourcePair video)
    {
        _client = client;
        _audio = Source(client, MediaKind.Audio, audio);
        _video = Source(client, MediaKind.Video, video);
    }

    public Instant NextTimeout { get; private set; }

    public int KeyFrames => _video.KeyFrames;

    /// <summary>Makes the offer; the second part takes the answer.</summary>
    /// <param name="firstSource">Of three in a row, which nobody else in the room has.</param>
    /// <param name="restartsIce">The offer names new credentials.</param>
    public static (string Offer, Func<string, Instant, SentMedia> Accept) Offer(RtcClient client, uint firstSource, string name, bool restartsIce = false)
    {
        var audio = new SourcePair(new(firstSource), null);
        var video = new SourcePair(new(firstSource + 1), new Ssrc(firstSource + 2));
        var offer = client.CreateOffer(new(audio, video, [], HasData: false, name, name), restartsIce);
        return (offer, (answer, now) =>
        {
            client.AcceptAnswer(answer, now);
            return new(client, audio, video);
        }
        );
    }

    public void Advance(Instant now)
    {
        while (_client.TryTakeControl(out var compound))
            _video.HandleControl(_client, compound);
        if (now < NextTimeout)
            return;
        NextTimeout = now + FrameInterval;
        if (!_client.IsConnected)
            return;
        _video.SendFrame(_client, PacketsPerFrame, VideoBytes, now);
        _audio.SendFrame(_client, 1, AudioBytes, now);
    }

    private static NumberedSource Source(RtcClient client, MediaKind kind, SourcePair source)
    {
        var codec = client.Media.Single(media => media.Kind == kind).Codec!;
        return new(source.Primary, codec.PayloadType, codec.ClockRate, kind == MediaKind.Video);
    }
}
