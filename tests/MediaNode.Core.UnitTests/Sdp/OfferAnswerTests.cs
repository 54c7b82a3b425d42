using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.UnitTests.Sdp;

public sealed class OfferAnswerTests
{
    [Fact]
    public void Chromium_publisher_is_answered_with_one_codec_per_m_line()
    {
        var answer = Answer(Descriptions.Read(Descriptions.PublishOffer));

        Assert.Equal(DtlsRole.Server, answer.LocalRole);
        Assert.Equal("6L12", answer.Remote.IceUfrag);
        Assert.Equal("sha-256", Assert.Single(answer.Remote.Fingerprints).Algorithm);
        Assert.Equal([MediaKind.Audio, MediaKind.Video, MediaKind.Data], answer.Media.Select(media => media.Kind));
        var video = answer.Media[1];
        Assert.Equal((Codec.Vp8, new PayloadType(96), new PayloadType(97)), (video.Codec!.Codec, video.Codec.PayloadType, video.Codec.RetransmissionPayloadType!.Value));
        Assert.Equal(new SourcePair(new Ssrc(3147261157), new Ssrc(2510877397)), Assert.Single(video.Sources));
        Assert.Equal(13, video.Extensions[HeaderExtensionUri.VideoOrientation]);
        Assert.DoesNotContain("urn:ietf:params:rtp-hdrext:toffset", video.Extensions.Keys);
        Assert.Equal(new NegotiatedData(5000, 262_144), answer.Media[2].Data);

        var text = answer.Description.ToString();
        Assert.Contains("a=ice-lite\r\n", text, StringComparison.Ordinal);
        Assert.Contains("a=group:BUNDLE 0 1 2\r\n", text, StringComparison.Ordinal);
        Assert.Contains("m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n", text, StringComparison.Ordinal);
        Assert.Contains("a=candidate:1 1 udp 2130706431 192.0.2.9 5004 typ host\r\n", text, StringComparison.Ordinal);
        Assert.All(answer.Description.Media, media => Assert.Equal(DtlsSetup.Passive, media.Setup));
        Assert.Equal(MediaDirection.ReceiveOnly, answer.Description.Media[0].Direction);
    }

    [Fact]
    public void Simulcast_encodings_are_accepted_in_their_order()
    {
        var answer = Answer(Descriptions.Read(Descriptions.SimulcastOffer));

        Assert.Equal(["h", "m", "l"], answer.Media[1].Rids.Select(rid => rid.Value));
        Assert.Contains("a=rid:m recv\r\n", answer.Description.ToString(), StringComparison.Ordinal);
        Assert.Contains("a=simulcast:recv h;m;l\r\n", answer.Description.ToString(), StringComparison.Ordinal);
        Assert.Contains(HeaderExtensionUri.RepairedRid, answer.Media[1].Extensions.Keys);
    }

    [Fact]
    public void Group_of_sources_is_simulcast_in_its_order()
    {
        var video = Answer(Descriptions.Read(Descriptions.SourceGroupOffer)).Media[1];

        Assert.Equal(
            [new(new(3147261157), new Ssrc(2510877397)), new(new(871203111), new Ssrc(4021993187)), new SourcePair(new(1902377590), new Ssrc(77211904))],
            video.Sources);
        Assert.Empty(video.Rids);
    }

    [Fact]
    public void Source_of_error_correction_is_no_encoding()
    {
        var offer = Descriptions.Text(Descriptions.PublishOffer)
            .Replace("a=ssrc-group:FID", "a=ssrc-group:FEC-FR 3147261157 5\r\na=ssrc:5 cname:x\r\na=ssrc-group:FID", StringComparison.Ordinal);

        Assert.Equal(new SourcePair(new(3147261157), new Ssrc(2510877397)), Assert.Single(Answer(Descriptions.Parse(offer)).Media[1].Sources));
    }

    [Fact]
    public void M_line_without_a_known_codec_is_rejected_and_leaves_the_bundle()
    {
        var offer = Descriptions.Parse(Descriptions.Text(Descriptions.PublishOffer).Replace("opus/48000/2", "speex/48000/2", StringComparison.Ordinal));
        var answer = Answer(offer);

        Assert.True(answer.Description.Media[0].IsRejected);
        Assert.Equal(["1", "2"], answer.Description.BundleGroup);
        Assert.NotEmpty(answer.Description.Media[1].Candidates);
        Assert.Equal([1, 2], answer.Media.Select(media => media.Index));
    }

    [Theory]
    [InlineData("a=setup:actpass", "a=setup:active", DtlsRole.Server)]
    [InlineData("a=setup:actpass", "a=setup:passive", DtlsRole.Client)]
    public void Answer_takes_the_other_dtls_role(string from, string to, DtlsRole expected)
    {
        var answer = Answer(Descriptions.Parse(Descriptions.Text(Descriptions.PublishOffer).Replace(from, to, StringComparison.Ordinal)));

        Assert.Equal(expected, answer.LocalRole);
        Assert.Equal(expected == DtlsRole.Client ? DtlsSetup.Active : DtlsSetup.Passive, answer.Description.Media[0].Setup);
    }

    [Theory]
    [InlineData("a=ice-ufrag:", "a=x-", "offer has no a=ice-ufrag")]
    [InlineData("a=ice-pwd:", "a=x-", "offer has no a=ice-pwd")]
    [InlineData("a=fingerprint:sha-256", "a=x-", "offer has no a=fingerprint")]
    [InlineData("a=fingerprint:sha-256", "a=fingerprint:sha-1", "a=fingerprint: hash function \"sha-1\" is not supported, sha-256, sha-384, sha-512 are")]
    [InlineData("a=group:BUNDLE 0 1 2", "a=x", "offer has more than one m-line, but no a=group:BUNDLE")]
    [InlineData("a=rtcp-mux", "a=x", "m=audio with mid \"0\" has no a=rtcp-mux: RTP and RTCP must share the port")]
    [InlineData("a=setup:actpass", "a=setup:holdconn", "a=setup: an offer must be actpass, active or passive")]
    [InlineData("a=extmap:14 urn:ietf:params:rtp-hdrext:toffset", "a=extmap:1 urn:ietf:params:rtp-hdrext:toffset", "a=extmap: id 1 means two extensions in one BUNDLE group")]
    public void Offer_that_cannot_be_used_is_refused_with_its_rule(string from, string to, string expected)
    {
        var text = Descriptions.Text(Descriptions.PublishOffer);
        Assert.Contains(from, text, StringComparison.Ordinal);
        Assert.False(OfferAnswer.TryAnswerPublisher(Descriptions.Parse(text.Replace(from, to, StringComparison.Ordinal)), Descriptions.Node, DtlsRole.Server, CodecPreference.None, out _, out var failure));
        Assert.Equal(expected, failure.Rule);
    }

    [Fact]
    public void Answer_of_chromium_to_a_subscriber_offer_is_accepted()
    {
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, Descriptions.Streams(), 77, 1);

        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(offer, Descriptions.Read(Descriptions.SubscriberAnswer), out var accepted, out var failure), failure?.ToString());
        Assert.Equal(DtlsRole.Server, accepted.LocalRole);
        Assert.Equal([0, 1, 2, 3, 4, 5], accepted.Media.Select(media => media.Index));
        Assert.Equal([Codec.Opus, Codec.Vp8, Codec.Vp9, Codec.H264, Codec.Av1], accepted.Media.Select(media => media.Codec?.Codec).OfType<Codec>());
        Assert.All(accepted.Media.Where(media => media.Kind == MediaKind.Video), media => Assert.NotNull(media.Codec!.RetransmissionPayloadType));
        Assert.True(accepted.Media[1].AllowsMixedExtensions);
        Assert.Equal(4, accepted.Media[1].Extensions[HeaderExtensionUri.Mid]);
    }

    [Fact]
    public void Removed_stream_keeps_its_m_line_and_the_next_one_gets_a_new_mid()
    {
        var streams = Descriptions.Streams().ToList();
        streams[1] = streams[1] with { IsActive = false };
        streams.Add(new OfferedStream(MediaKind.Audio, Codec.Opus, "", new(20), null, "bob", "43", "43-a"));
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, streams, 77, 2);

        Assert.Equal(MediaDirection.Inactive, offer.Description.Media[1].Direction);
        Assert.Equal("6", offer.Description.Media[6].Mid);
        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(offer, Descriptions.Read(Descriptions.SubscriberAnswerAfterRemoval), out var accepted, out _));
        Assert.Equal([0, 2, 3, 4, 5, 6], accepted.Media.Select(media => media.Index));
    }

    [Fact]
    public void Numbers_in_a_subscriber_offer_have_one_meaning_each()
    {
        var media = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, Descriptions.Streams(), 77, 1).Description.Media;

        Assert.All(media.SelectMany(line => line.Extensions).GroupBy(extension => extension.Id), group => Assert.Single(group.Select(extension => extension.Uri).Distinct()));
        Assert.All(media.SelectMany(line => line.Payloads).GroupBy(payload => payload.PayloadType), group => Assert.Single(group.Select(payload => (payload.Name, payload.Parameters)).Distinct()));
        Assert.Equal(media[0].StreamId!.Stream, media[1].StreamId!.Stream);
    }

    [Theory]
    [InlineData("m=audio 9", "m=audio 0", new[] { 1, 2, 3, 4, 5 })]
    [InlineData("a=rtpmap:96 VP8", "a=rtpmap:96 VP7", new[] { 0, 2, 3, 4, 5 })]
    public void M_line_that_the_subscriber_does_not_take_is_left_out(string from, string to, int[] expected)
    {
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, Descriptions.Streams(), 77, 1);
        var answer = Descriptions.Parse(Descriptions.Text(Descriptions.SubscriberAnswer).Replace(from, to, StringComparison.Ordinal));

        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(offer, answer, out var accepted, out _));
        Assert.Equal(expected, accepted.Media.Select(media => media.Index));
    }

    [Theory]
    [InlineData("m=application", "m=audio", "m-line 3 of the answer is audio, the offer has application")]
    [InlineData("a=mid:3", "a=mid:7", "m-line 4 of the answer has mid \"7\", the offer \"3\"")]
    [InlineData("BUNDLE 0 1 2 3 4 5", "BUNDLE 0 1 2 3 4", "answer does not have mid \"5\" in a=group:BUNDLE")]
    [InlineData("a=setup:active", "a=setup:actpass", "a=setup: an answer must be active or passive")]
    [InlineData("a=ice-ufrag:", "a=x-", "answer has no a=ice-ufrag")]
    public void Answer_that_does_not_fit_the_offer_is_refused_with_its_rule(string from, string to, string expected)
    {
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, Descriptions.Streams(), 77, 1);
        var text = Descriptions.Text(Descriptions.SubscriberAnswer).Replace(from, to, StringComparison.Ordinal);
        text = to.StartsWith("a=mid", StringComparison.Ordinal) ? text.Replace("BUNDLE 0 1 2 3", "BUNDLE 0 1 2 7", StringComparison.Ordinal) : text;
        text = to == "m=audio" ? text.Replace("webrtc-datachannel", "0", StringComparison.Ordinal) : text;

        Assert.False(OfferAnswer.TryAcceptSubscriberAnswer(offer, Descriptions.Parse(text), out _, out var failure));
        Assert.Equal(expected, failure.Rule);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Client_of_this_library_publishes_and_subscribes(bool isSimulcast)
    {
        var media = new ClientMedia(new SourcePair(new(1), null), new SourcePair(new(2), new Ssrc(3)), isSimulcast ? [new Rid("q"), new Rid("f")] : [], true, "me", "me");
        var offer = OfferAnswer.CreateClientOffer(Descriptions.Client, media, 5);
        var answer = Answer(Descriptions.Parse(offer.Description.ToString()));
        Assert.True(OfferAnswer.TryAcceptPublisherAnswer(offer, Descriptions.Parse(answer.Description.ToString()), out var accepted, out var failure), failure?.ToString());

        Assert.Equal((DtlsRole.Server, DtlsRole.Client), (answer.LocalRole, accepted.LocalRole));
        Assert.True(accepted.Remote.IsIceLite);
        Assert.Equal(2, accepted.Remote.Candidates.Length);
        Assert.Equal(3, accepted.Media.Length);
        Assert.Equal(isSimulcast ? ["q", "f"] : [], accepted.Media[1].Rids.Select(rid => rid.Value));
        Assert.Equal(isSimulcast ? [] : [new SourcePair(new(2), new Ssrc(3))], answer.Media[1].Sources);

        var subscription = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, Descriptions.Streams(), 6, 1);
        Assert.True(OfferAnswer.TryAnswerAsClient(Descriptions.Parse(subscription.Description.ToString()), Descriptions.Client, out var received, out _));
        Assert.Equal(DtlsRole.Client, received.LocalRole);
        Assert.Equal(new SourcePair(new(12), new Ssrc(13)), Assert.Single(received.Media[1].Sources));
        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(subscription, Descriptions.Parse(received.Description.ToString()), out var sent, out _));
        Assert.Equal(6, sent.Media.Length);
    }

    private static PublisherAnswer Answer(SessionDescription offer)
    {
        Assert.True(OfferAnswer.TryAnswerPublisher(offer, Descriptions.Node, DtlsRole.Server, CodecPreference.None, out var answer, out var failure), failure?.ToString());
        return answer;
    }
}
