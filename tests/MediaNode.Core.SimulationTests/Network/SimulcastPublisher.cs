using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A participant that sends video in three encodings of three temporal layers each.</summary>
internal sealed class SimulcastPublisher
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Conference _conference;
    private readonly RtcClient _client;
    private Instant _nextReport;
    private ushort _transportNumber;

    /// <param name="conference">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="seed">Where the counters of the encodings begin.</param>
    /// <param name="isLowestFirst">Order in which the encodings are offered.</param>
    /// <param name="sendsReports">Without sender reports nobody knows how the encodings' clocks relate.</param>
    /// <param name="room">Which room.</param>
    public SimulcastPublisher(Conference conference, ulong user, int seed, bool isLowestFirst = true, bool sendsReports = true, string room = Conference.RoomId)
    {
        _conference = conference;
        User = user;
        PeerId = conference.NextPeerId();
        _nextReport = sendsReports ? conference.Now : Instant.Never;
        _client = conference.CreateClient(out var address);
        Address = address;
        var offer = _client.CreateOffer(new(null, null, [new("q"), new("h"), new("f")], HasData: false, $"cname-{user}", $"stream-{user}"));
        var published = Conference.Value(conference.Engine.Publish(room, Conference.Epoch, user, PeerId, offer, 0, conference.Now));
        _client.AcceptAnswer(published.SdpAnswer, conference.Now);
        var media = _client.Media.Single(media => media.Kind == MediaKind.Video);
        var random = new Random(seed);
        for (var i = 0; i < 3; i++)
            Encodings.Add(new(media, i, scale: isLowestFirst ? 4 >> i : 1 << i, random, () => _transportNumber++));
    }

    public ulong User { get; }

    public ulong PeerId { get; }

    public TransportAddress Address { get; }

    public RtcClient Client => _client;

    public List<LayeredSource> Encodings { get; } = [];

    /// <summary>What the date of the publisher's machine is wrong by, as the report of each encoding finds it.</summary>
    public TimeSpan[] ClockErrors { get; } = new TimeSpan[3];

    /// <summary>Sends one picture in every active encoding.</summary>
    public void SendFrame()
    {
        HandleFeedback();
        for (var i = 0; i < Encodings.Count; i++)
            Encodings[i].SendFrame(_client, 1 + i, _conference.Now);
        if (_conference.Now >= _nextReport)
        {
            _nextReport = _conference.Now + ReportInterval;
            for (var i = 0; i < Encodings.Count; i++)
                Encodings[i].SendReport(_client, NtpTime.From(_conference.Now, TimeSpan.FromDays(40_000) + ClockErrors[i]), _conference.Now);
        }
        _conference.Drain();
    }

    /// <summary>The media sources that transport-wide feedback names.</summary>
    public List<Ssrc> TakeFeedbackSources()
    {
        var sources = new List<Ssrc>();
        while (_client.TryTakeControl(out var compound))
        {
            Assert.True(RtcpCompoundReader.TryParse(compound, out var packets, out _));
            foreach (var packet in packets)
            {
                if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
                    sources.Add(feedback.Header.Media);
            }
        }
        return sources;
    }

    public void HandleFeedback()
    {
        while (_client.TryTakeControl(out var compound))
        {
            foreach (var encoding in Encodings)
                encoding.HandleControl(_client, compound);
        }
        _conference.Drain();
    }
}
