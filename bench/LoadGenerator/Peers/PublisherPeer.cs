using LoadGenerator.Media;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace LoadGenerator.Peers;

/// <summary>A microphone and, unless audio only, a camera.</summary>
internal sealed class PublisherPeer(PeerContext context, int index, double phase) : LoadPeer(context)
{
    /// <summary>A key frame is so many times as large as another frame.</summary>
    private const int KeyFrameFactor = 4;

    private static readonly TimeSpan AudioInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _frameInterval = TimeSpan.FromSeconds(1) / context.Options.FramesPerSecond;
    private readonly byte[] _compound = new byte[512];
    private ClientOffer? _offer;
    private Instant _nextAudio = Instant.Never;
    private Instant _nextVideo = Instant.Never;
    private Instant _nextReport = Instant.Never;
    private ushort _transportSequence;
    private bool _wantsKeyFrame = true;

    public SentStream? Audio { get; private set; }

    public SentStream? Video { get; private set; }

    protected override Instant NextMediaTimeout => Instant.Min(Instant.Min(_nextAudio, _nextVideo), _nextReport);

    private int FrameBytes => Context.Options.VideoBitrate / 8 / Context.Options.FramesPerSecond;

    public string CreateOffer()
    {
        // Four sources each, from 1000 on.
        var first = (uint)(1000 + index * 4);
        var video = Context.Options.AudioOnly ? (SourcePair?)null : new SourcePair(new(first + 1), new Ssrc(first + 2));
        _offer = OfferAnswer.CreateClientOffer(Local, new(new SourcePair(new(first), null), video, [], HasData: false, $"cname{index}", $"stream{index}"), 1);
        var sdp = _offer.Description.ToString();
        return Context.Options.TransportFeedback ? sdp : TransportFeedbackRemoval.Apply(sdp);
    }

    public void AcceptAnswer(string sdp, Instant now)
    {
        if (!OfferAnswer.TryAcceptPublisherAnswer(_offer!, Parse(sdp), out var accepted, out var failure))
            throw new InvalidOperationException($"the answer is unusable: {failure}");
        foreach (var media in accepted.Media)
        {
            if (media.Kind == MediaKind.Audio)
                Audio = new(2 * index, media, media.Sources[0].Primary, Context.Options.AudioBytes, Context.Tally);
            else
                Video = new(2 * index + 1, media, media.Sources[0].Primary, PayloadPattern.MaximumBytes, Context.Tally);
        }
        Start(accepted.Remote, accepted.LocalRole, isOfferer: true, now);
    }

    protected override void HandleConnected(Instant now)
    {
        _nextAudio = Audio is null ? Instant.Never : now + AudioInterval * phase;
        _nextVideo = Video is null ? Instant.Never : now + _frameInterval * phase;
        _nextReport = now + ReportInterval * phase;
    }

    protected override void HandleRtp(Span<byte> packet, Instant now) => Context.Tally.Unknown++;

    protected override void HandleControl(ReadOnlySpan<byte> compound, Instant now)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
            return;
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        foreach (var packet in packets)
        {
            if (NackView.TryParse(packet, out var nack, out _))
                Resend(nack.Header.Media, lost[..nack.CopyLost(lost)]);
            else if (PictureLossView.TryParse(packet, out _, out _) || FullIntraRequestView.TryParse(packet, out _, out _))
                RequestKeyFrame();
        }
    }

    protected override void HandleMediaTimeout(Instant now)
    {
        if (now >= _nextAudio)
        {
            Audio!.SendFrame(Sender!, Port, Context.Sending, Context.Options.AudioBytes, false, ref _transportSequence, now);
            _nextAudio = Following(_nextAudio, AudioInterval, now);
        }
        if (now >= _nextVideo)
        {
            var isKeyFrame = _wantsKeyFrame;
            _wantsKeyFrame = false;
            Context.Tally.KeyFramesSent += isKeyFrame ? 1 : 0;
            Video!.SendFrame(Sender!, Port, Context.Sending, isKeyFrame ? FrameBytes * KeyFrameFactor : FrameBytes, isKeyFrame, ref _transportSequence, now);
            _nextVideo = Following(_nextVideo, _frameInterval, now);
        }
        if (now >= _nextReport)
        {
            Report(now);
            _nextReport = Following(_nextReport, ReportInterval, now);
        }
    }

    /// <summary>An even beat; what was missed during a stall of over a second is not made up for.</summary>
    private static Instant Following(Instant due, TimeSpan interval, Instant now) =>
        now - due > TimeSpan.FromSeconds(1) ? now + interval : due + interval;

    private void RequestKeyFrame()
    {
        Context.Tally.KeyFrameRequestsReceived++;
        _wantsKeyFrame = true;
    }

    private void Resend(Ssrc media, ReadOnlySpan<ushort> numbers)
    {
        var stream = Audio?.Ssrc == media ? Audio : Video?.Ssrc == media ? Video : null;
        Context.Tally.NacksReceived++;
        foreach (var number in numbers)
            stream?.Resend(number, Port, Context.Sending);
        Context.Sending.Flush(Port);
    }

    private void Report(Instant now)
    {
        var writer = new RtcpWriter(_compound);
        if (Audio is not null)
            writer.WriteSenderReport(Audio.Report(now), []);
        if (Video is not null)
            writer.WriteSenderReport(Video.Report(now), []);
        writer.WriteSourceDescription((Audio ?? Video)!.Ssrc, "load"u8);
        SendControl(_compound.AsSpan(0, writer.Length));
    }
}
