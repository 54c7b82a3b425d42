using System.Buffers.Binary;
using MediaNode.Core.Congestion;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A participant whose video takes what it may, as a browser's does: by transport-wide feedback and REMB, as far as it heeds them.</summary>
internal sealed class AdaptingPublisher
{
    private const int PacketBytes = 1000;
    private const int PerSecond = 30;

    private readonly Conference _conference;
    private readonly RtcClient _client;
    private readonly NumberedSource _video;
    private readonly DownlinkEstimator _estimator = new();
    private readonly FeedbackScratch _scratch = new();
    private readonly byte _transportSequenceId;
    private readonly List<(Instant At, int Bytes)> _sent = [];
    private double _toSend;
    private Instant _nextTick;

    public AdaptingPublisher(Conference conference, ulong user, long? bitrate = null)
    {
        _conference = conference;
        User = user;
        PeerId = conference.NextPeerId();
        _client = conference.CreateClient(out _);
        Offer = _client.CreateOffer(new(null, new(new((uint)user), new Ssrc((uint)user + 1)), [], HasData: false, "cname", "stream"));
        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, user, PeerId, Offer, bitrate, conference.Now));
        _client.AcceptAnswer(published.SdpAnswer, conference.Now);
        var media = _client.Media.Single();
        _transportSequenceId = media.Extensions[HeaderExtensionUri.TransportSequenceNumber];
        _video = new(new((uint)user), media.Codec!.PayloadType, media.Codec.ClockRate, isVideo: true);
        _nextTick = conference.Now;
    }

    public ulong User { get; }

    public ulong PeerId { get; }

    public string Offer { get; }

    public RtcClient Client => _client;

    public bool HeedsEstimates { get; init; } = true;

    public bool HeedsFeedback { get; init; } = true;

    /// <summary>What the camera is good for.</summary>
    public double MostKilobits { get; init; } = 3000;

    /// <summary>The last that the node told of; null before the first.</summary>
    public Bitrate? Estimate { get; private set; }

    public int KeyFrames => _video.KeyFrames;

    /// <summary>Kilobits per second that were sent since then.</summary>
    public double Rate(Instant from) => _sent.Where(packet => packet.At >= from).Sum(packet => packet.Bytes) * 8 / (_conference.Now - from).TotalSeconds / 1000;

    public void Play(double seconds)
    {
        for (var frame = 0; frame < seconds * PerSecond; frame++)
        {
            SendFrame();
            _conference.Run(TimeSpan.FromSeconds(1) / PerSecond);
        }
    }

    private void SendFrame()
    {
        while (_client.TryTakeControl(out var compound))
            Handle(compound);
        if (_conference.Now >= _nextTick)
        {
            _nextTick += TimeSpan.FromSeconds(1);
            _estimator.HandleTick(_conference.Now);
        }
        _toSend += Target() / PerSecond / 8;
        for (; _toSend >= PacketBytes; _toSend -= PacketBytes)
        {
            _estimator.Sent.Add(_conference.Now, PacketBytes, 0);
            _video.SendFrame(_client, 1, PacketBytes, _conference.Now, Extension((ushort)(_estimator.Sent.NextSequenceNumber - 1)));
            _sent.Add((_conference.Now, PacketBytes));
        }
        _conference.Drain();
    }

    private double Target()
    {
        var target = MostKilobits * 1000;
        if (HeedsFeedback && _estimator.HasBeenFull)
            target = Math.Min(target, _estimator.Estimate.BitsPerSecond);
        if (HeedsEstimates && Estimate is { } estimate)
            target = Math.Min(target, estimate.BitsPerSecond);
        return target;
    }

    private void Handle(byte[] compound)
    {
        _video.HandleControl(_client, compound);
        Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out _));
        foreach (var packet in packets)
        {
            if (ReceiverBandwidthView.TryParse(packet, out var bandwidth, out _))
                Estimate = bandwidth.Bitrate;
            else if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
                _estimator.HandleFeedback(feedback, _scratch, _conference.Now);
        }
    }

    private byte[] Extension(ushort transportNumber)
    {
        byte[] extension = [0xBE, 0xDE, 0, 1, (byte)((_transportSequenceId << 4) | 1), 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(extension.AsSpan(5), transportNumber);
        return extension;
    }
}
