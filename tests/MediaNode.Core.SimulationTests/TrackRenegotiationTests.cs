using System.Text.RegularExpressions;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.SimulationTests.Scenarios;

namespace MediaNode.Core.SimulationTests;

/// <summary>A publisher offers the same m-lines again: under other numbers, or with other codecs, as setCodecPreferences() makes browsers do.</summary>
public sealed class TrackRenegotiationTests
{
    /// <summary>Behind VP8 in a browser's offer.</summary>
    private const string H264Lines =
        "a=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 nack pli\r\na=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
        + "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n";

    [Fact]
    public void Video_under_other_payload_types_flows_on_without_a_word_to_the_subscriber()
    {
        using var call = new Call(seed: 1);
        call.SendFrames(5);
        var keyFrames = call.Publisher.Video.KeyFrames;

        call.Publish(offer => Regex.Replace(
            offer.Replace("SAVPF 96 97", "SAVPF 120 121", StringComparison.Ordinal), "(rtpmap:|rtcp-fb:|fmtp:|apt=)9([67])", match => $"{match.Groups[1].Value}12{match.Groups[2].Value[0] - '6'}"));
        call.SendFrames(3);
        call.Publisher.Video.PayloadType = new(120);
        call.SendFrames(5);

        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        Assert.Equal(call.Subscriber.Video.Span, call.Subscriber.Video.Numbers.Count);
        Assert.Empty(call.Conference.Happenings<NegotiationNeeded>());
        Assert.Equal(keyFrames, call.Publisher.Video.KeyFrames);
    }

    [Fact]
    public void Offer_that_says_the_same_once_more_changes_nothing()
    {
        using var call = new Call(seed: 2);
        call.SendFrames(5);
        var keyFrames = call.Publisher.Video.KeyFrames;

        call.Publish(offer => offer);
        call.SendFrames(5);

        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        Assert.Empty(call.Conference.Happenings<NegotiationNeeded>());
        Assert.Equal(keyFrames, call.Publisher.Video.KeyFrames);
    }

    [Fact]
    public void Codec_that_is_offered_beside_the_present_one_changes_nothing()
    {
        using var call = new Call(seed: 3);
        call.SendFrames(5);

        call.Publish(WithH264);
        call.SendFrames(5);

        Assert.Equal(call.Publisher.Video.PacketsSent, call.Subscriber.Video.Numbers.Count);
        Assert.Empty(call.Conference.Happenings<NegotiationNeeded>());
    }

    [Fact]
    public void Another_codec_ends_the_stream_for_subscribers_and_begins_it_anew_with_their_next_answer()
    {
        using var call = new Call(seed: 4);
        call.SendFrames(5);
        var audio = call.Subscriber.Audio;
        var before = call.Subscriber.Video;

        call.Publish(H264Alone);
        Assert.Equal(call.Subscriber.PeerId, Assert.Single(call.Conference.Happenings<NegotiationNeeded>()).PeerId);
        // A frame that was on its way, and those of the new codec: the subscriber would not know what they are.
        call.SendFrames(1);
        call.UseH264();
        call.SendFrames(3);
        Assert.Equal(20, before.Numbers.Count);

        var offered = call.Subscriber.Renegotiate();
        call.SendFrames(5);

        Assert.Contains("a=rtpmap:102 H264/90000\r\n", offered, StringComparison.Ordinal);
        Assert.DoesNotContain("VP8", offered, StringComparison.Ordinal);
        var after = call.Subscriber.Video;
        Assert.NotEqual(before.Ssrc, after.Ssrc);
        // From a key frame on, which was asked for; without a gap.
        Assert.Equal(call.Publisher.Video.LastKeyFrame, after.Numbers.Min());
        Assert.Equal(call.Publisher.Video.PacketsSent - call.Publisher.Video.LastKeyFrame, after.Numbers.Count);
        Assert.Equal(after.Span, after.Numbers.Count);
        // Audio is not concerned.
        Assert.Equal(call.Publisher.Audio.PacketsSent, audio.Numbers.Count);
        Assert.Same(audio, call.Subscriber.Audio);
    }

    [Fact]
    public void Answer_to_the_offer_before_a_change_of_codec_is_not_taken_for_one_to_the_next()
    {
        using var conference = new Conference(seed: 5);
        var publisher = ForwardingTests.Connect(conference, 1, keyFrameFactor: 1);
        conference.Join(2);
        var peerId = conference.NextPeerId();
        var client = conference.CreateClient(out _);
        var early = Conference.Value(conference.Engine.Subscribe(Conference.RoomId, Conference.Epoch, 2, peerId, [new(1, null)], "", conference.Now)).SdpOffer!;

        Conference.Value(conference.Engine.Publish(
            Conference.RoomId, Conference.Epoch, 1, publisher.PeerId, H264Alone(publisher.CreateOffer()), 0, conference.Now));
        var answer = client.AnswerOffer(early, conference.Now);
        Conference.Value(conference.Engine.Answer(Conference.RoomId, Conference.Epoch, peerId, answer, conference.Now));
        conference.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(5), "the subscriber connects");
        (publisher.Video.Codec, publisher.Video.PayloadType) = (Codec.H264, new(102));
        var packets = 0;
        for (var frame = 0; frame < 5; frame++)
        {
            publisher.SendFrame();
            conference.Run(ForwardingTests.FrameInterval);
            while (client.TryTakePacket(out var packet))
                packets += (packet[1] & 0x7F) == 111 ? 0 : 1;
        }

        Assert.Equal(0, packets);
        Assert.Contains(conference.Happenings<NegotiationNeeded>(), needed => needed.PeerId == peerId);
    }

    [Fact]
    public void What_a_subscriber_paused_stays_paused_under_another_codec()
    {
        using var call = new Call(seed: 6);
        call.SendFrames(3);
        Conference.Value(call.Conference.Engine.Configure(
            Conference.RoomId, Conference.Epoch, call.Subscriber.PeerId, new([new("1", Send: false, null)], null, false), call.Conference.Now));

        call.Publish(H264Alone);
        call.UseH264();
        call.Subscriber.Renegotiate();
        call.SendFrames(5);

        Assert.Empty(call.Subscriber.Video.Numbers);
        Assert.True(call.Conference.Engine.Drops[DropReason.Paused] > 0);
    }

    [Fact]
    public void Publisher_that_asks_for_a_codec_keeps_it_over_later_offers()
    {
        using var call = new Call(seed: 9);
        call.SendFrames(3);

        call.Publish(WithH264, [Codec.H264]);
        call.Subscriber.Renegotiate();
        call.UseH264();
        call.SendFrames(3);
        call.Publish(WithH264);
        call.SendFrames(3);

        Assert.Single(call.Conference.Happenings<NegotiationNeeded>());
        Assert.Equal(call.Publisher.Video.PacketsSent - call.Publisher.Video.LastKeyFrame, call.Subscriber.Video.Numbers.Count);
        Assert.Equal("h264", call.Conference.Happenings<PublisherReady>().Last().Publisher.Streams.Single(stream => stream.Kind == MediaKind.Video).Codec);
    }

    [Fact]
    public void Room_may_prefer_a_codec()
    {
        using var conference = new Conference(seed: 10);
        conference.Join(1, limits: new(0, 0) { VideoCodecs = [Codec.H264] });
        var client = conference.CreateClient(out _);
        var offer = WithH264(client.CreateOffer(new(null, new(new(12), new Ssrc(13)), [], HasData: false, "c", "s")));

        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, 1, offer, 0, conference.Now));
        Assert.Equal("h264", published.Streams.Single().Codec);
        published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, 1, offer, 0, conference.Now, [Codec.Vp8]));
        Assert.Equal("vp8", published.Streams.Single().Codec);
    }

    [Fact]
    public void Other_encodings_are_another_stream()
    {
        using var call = new Call(seed: 7);
        call.SendFrames(3);

        // Now in two encodings, of which it sends the first.
        call.Publish(offer => Regex.Replace(offer, "a=ssrc-group:FID 12 13\r\na=ssrc:12.*\r\n(a=ssrc:.*\r\n)*", "")
            + "a=rid:l send\r\na=rid:h send\r\na=simulcast:send l;h\r\n");
        Assert.Single(call.Conference.Happenings<NegotiationNeeded>());
        call.Subscriber.Renegotiate();

        var published = call.Conference.Happenings<PublisherReady>().Last().Publisher;
        Assert.True(published.Streams.Single(stream => stream.Kind == MediaKind.Video).Simulcast);
    }

    /// <summary>Behind VP8.</summary>
    private static string WithH264(string offer)
    {
        Assert.Contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n", offer, StringComparison.Ordinal);
        return offer
            .Replace("SAVPF 96 97", "SAVPF 96 97 102 103", StringComparison.Ordinal)
            .Replace("a=rtpmap:96 VP8", H264Lines + "a=rtpmap:96 VP8", StringComparison.Ordinal);
    }

    /// <summary>Without VP8.</summary>
    private static string H264Alone(string offer) => string.Join(
        "\r\n",
        WithH264(offer).Replace("SAVPF 96 97 102 103", "SAVPF 102 103", StringComparison.Ordinal).Split("\r\n").Where(line => !Regex.IsMatch(line, "^a=(rtpmap|fmtp|rtcp-fb):9[67] ")));

    /// <summary>One who publishes and one who watches; everything that goes out is audited.</summary>
    private sealed class Call : IDisposable
    {
        private readonly WireAudit _audit = new();

        public Call(int seed)
        {
            Conference = new(seed);
            Publisher = ForwardingTests.Connect(Conference, 1, keyFrameFactor: 1);
            Subscriber = ForwardingTests.Watch(Conference, 2, Publisher);
            _audit.Know(Publisher.Address, Publisher.Client);
            _audit.Know(Subscriber.Address, Subscriber.Client);
            Conference.Network.Filter = (from, to, datagram) =>
            {
                if (from == Network.Conference.ServerAddress)
                    _audit.Look(to, datagram);
                return true;
            };
        }

        public Conference Conference { get; }

        public SimulatedPublisher Publisher { get; }

        public SimulatedSubscriber Subscriber { get; }

        public void Publish(Func<string, string> change, IReadOnlyList<Codec>? codecs = null)
        {
            Network.Conference.Value(Conference.Engine.Publish(
                Network.Conference.RoomId, Network.Conference.Epoch, Publisher.User, Publisher.PeerId, change(Publisher.CreateOffer()), 0, Conference.Now, codecs));
            Conference.Drain();
        }

        public void UseH264() => (Publisher.Video.Codec, Publisher.Video.PayloadType) = (Codec.H264, new(102));

        public void SendFrames(int count)
        {
            for (var frame = 0; frame < count; frame++)
                ForwardingTests.SendAndReceive(Conference, Publisher, Subscriber);
        }

        public void Dispose() => Conference.Dispose();
    }
}
