using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A participant that sends video in three encodings of three temporal layers each.</summary>
internal sealed class SimulcastPublisher
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    /// <summary>From the node by way of signalling to the client, and into its encoder.</summary>
    private static readonly TimeSpan OrderDelay = TimeSpan.FromMilliseconds(150);

    private static readonly string[] Rids = ["q", "h", "f"];

    private readonly Conference _conference;
    private readonly RtcClient _client;
    private readonly string _room;
    private readonly string _offer;
    private readonly Queue<(Instant At, LayersWanted Wanted)> _orders = new();
    private readonly bool[] _isOrdered = [true, true, true];
    private int _eventsSeen;
    private Instant _nextReport;
    private ushort _transportNumber;

    /// <param name="conference">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="seed">Where the counters of the encodings begin.</param>
    /// <param name="isLowestFirst">Order in which the encodings are offered.</param>
    /// <param name="sendsReports">Without sender reports nobody knows how the encodings' clocks relate.</param>
    /// <param name="room">Which room.</param>
    /// <param name="hasRids">Else the encodings are a group of sources in SDP, the smallest first.</param>
    public SimulcastPublisher(
        Conference conference, ulong user, int seed, bool isLowestFirst = true, bool sendsReports = true, string room = Conference.RoomId, bool hasRids = true)
    {
        _conference = conference;
        User = user;
        PeerId = conference.NextPeerId();
        _nextReport = sendsReports ? conference.Now : Instant.Never;
        _client = conference.CreateClient(out var address);
        Address = address;
        _room = room;
        var video = new ClientMedia(null, null, hasRids ? [.. Rids.Select(rid => new Rid(rid))] : [], HasData: false, $"cname-{user}", $"stream-{user}");
        if (!hasRids)
            video = video with { VideoGroup = [.. Rids.Select((_, i) => new SourcePair(new((uint)(seed * 100 + 2 * i + 1)), new Ssrc((uint)(seed * 100 + 2 * i + 2))))] };
        _offer = _client.CreateOffer(video);
        var published = Conference.Value(conference.Engine.Publish(room, Conference.Epoch, user, PeerId, _offer, 0, conference.Now));
        Stream = Assert.Single(published.Streams);
        _client.AcceptAnswer(published.SdpAnswer, conference.Now);
        var media = _client.Media.Single(media => media.Kind == MediaKind.Video);
        var random = new Random(seed);
        for (var i = 0; i < 3; i++)
            Encodings.Add(new(media, i, scale: isLowestFirst ? 4 >> i : 1 << i, random, () => _transportNumber++));
    }

    public ulong User { get; }

    /// <summary>How it is told to others.</summary>
    public StreamInfo Stream { get; }

    public ulong PeerId { get; }

    public TransportAddress Address { get; }

    public RtcClient Client => _client;

    public List<LayeredSource> Encodings { get; } = [];

    /// <summary>What the date of the publisher's machine is wrong by, as the report of each encoding finds it.</summary>
    public TimeSpan[] ClockErrors { get; } = new TimeSpan[3];

    /// <summary>Packets of a picture in each encoding.</summary>
    public int[] FramePackets { get; init; } = [1, 2, 3];

    /// <summary>Stops and starts encodings as the node says, after the way of the message: what RTCRtpSender.setParameters with active does.</summary>
    public bool ObeysOrders { get; init; }

    /// <summary>Encodings that the client itself has no bandwidth or processor time for, whatever the node says.</summary>
    public bool[] IsShort { get; } = new bool[3];

    /// <summary>The m-line is not used for now.</summary>
    public void Stop() => Offer(_offer.Replace("a=sendonly", "a=inactive", StringComparison.Ordinal));

    /// <summary>The m-line is used again, by new senders.</summary>
    public void Resume(Random random)
    {
        Encodings.ForEach(encoding => encoding.Restart(random));
        Offer(_offer);
    }

    /// <summary>Sends one picture in every active encoding.</summary>
    public void SendFrame()
    {
        HandleFeedback();
        if (ObeysOrders)
            TakeOrders();
        for (var i = 0; i < Encodings.Count; i++)
            Encodings[i].SendFrame(_client, FramePackets[i], _conference.Now);
        if (_conference.Now >= _nextReport)
        {
            _nextReport = _conference.Now + ReportInterval;
            for (var i = 0; i < Encodings.Count; i++)
                Encodings[i].SendReport(_client, NtpTime.From(_conference.Now, TimeSpan.FromDays(40_000) + ClockErrors[i]), _conference.Now);
        }
        _conference.Drain();
    }

    private void Offer(string offer) =>
        Conference.Value(_conference.Engine.Publish(_room, Conference.Epoch, User, PeerId, offer, 0, _conference.Now));

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

    private void TakeOrders()
    {
        for (; _eventsSeen < _conference.Events.Count; _eventsSeen++)
        {
            if (_conference.Events[_eventsSeen].Happening is LayersWanted wanted && wanted.PeerId == PeerId)
                _orders.Enqueue((_conference.Now + OrderDelay, wanted));
        }
        while (_orders.TryPeek(out var next) && next.At <= _conference.Now)
        {
            var wanted = _orders.Dequeue().Wanted;
            for (var i = 0; i < Encodings.Count; i++)
                _isOrdered[i] = wanted.IsWatched && (wanted.Rids.Count > 0 ? wanted.Rids.Contains(new(Rids[i])) : i <= wanted.Substream);
        }
        for (var i = 0; i < Encodings.Count; i++)
        {
            var isActive = _isOrdered[i] && !IsShort[i];
            // An encoder that starts again begins with a key frame.
            Encodings[i].KeyFrameWanted |= isActive && !Encodings[i].IsActive;
            Encodings[i].IsActive = isActive;
        }
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
