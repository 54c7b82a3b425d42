using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.UnitTests.Sdp;

public sealed class SessionDescriptionTests
{
    private const string Prefix = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\n";

    [Fact]
    public void Offer_of_chromium_is_read()
    {
        var offer = Descriptions.Read(Descriptions.PublishOffer);

        Assert.Equal(["0", "1", "2"], offer.BundleGroup);
        Assert.Equal([MediaKind.Audio, MediaKind.Video, MediaKind.Data], offer.Media.Select(media => media.Kind!.Value));
        var (audio, video, data) = (offer.Media[0], offer.Media[1], offer.Media[2]);
        Assert.Equal(MediaDirection.SendOnly, audio.Direction);
        Assert.True(audio.AllowsMixedExtensions && audio.HasRtcpMux && audio.HasReducedSizeRtcp);
        Assert.Equal(DtlsSetup.ActPass, audio.Setup);
        var opus = audio.Payloads[0];
        Assert.Equal(("opus", 48_000, 2, "minptime=10;useinbandfec=1"), (opus.Name, opus.ClockRate, opus.Channels, opus.Parameters));
        Assert.Equal(["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"], video.Payloads[0].Feedback);
        Assert.Equal("FID", Assert.Single(video.SourceGroups).Semantics);
        Assert.Equal(2, video.Sources.Length);
        Assert.Equal(audio.Sources[0].Cname, video.Sources[0].Cname);
        Assert.Equal(audio.StreamId!.Stream, video.StreamId!.Stream);
        Assert.Equal(4, audio.Candidates.Length);
        Assert.Equal(("udp", "host"), (audio.Candidates[0].Transport, audio.Candidates[0].Type));
        Assert.Equal((5000, 262_144L), (data.SctpPort!.Value, data.MaximumMessageSizeBytes!.Value));
    }

    [Theory]
    [InlineData(Descriptions.PublishOffer)]
    [InlineData(Descriptions.SimulcastOffer)]
    [InlineData(Descriptions.SubscriberAnswer)]
    [InlineData(Descriptions.SubscriberAnswerAfterRemoval)]
    public void Written_description_reads_as_the_same_text(string name)
    {
        var written = Descriptions.Read(name).ToString();

        Assert.Equal(written, Descriptions.Parse(written).ToString());
        Assert.EndsWith("\r\n", written, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', written.Replace("\r\n", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Descriptions.PublishOffer)]
    [InlineData(Descriptions.SimulcastOffer)]
    [InlineData(Descriptions.SubscriberAnswer)]
    public void Writing_loses_no_line_that_is_understood(string name)
    {
        string[] understood = ["m=", "a=mid:", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:", "a=ssrc:", "a=ssrc-group:", "a=rid:", "a=simulcast:", "a=group:", "a=fingerprint:", "a=ice-", "a=setup:", "a=msid:", "a=sctp-port:", "a=max-message"];
        bool IsUnderstood(string line) => understood.Any(prefix => line.StartsWith(prefix, StringComparison.Ordinal));
        var text = Descriptions.Text(name);
        var written = Descriptions.Parse(text).ToString().Split("\r\n").ToHashSet();

        Assert.DoesNotContain(text.Split('\n').Where(IsUnderstood), line => !written.Contains(line));
    }

    [Fact]
    public void Attribute_at_session_level_holds_for_each_m_line_without_its_own()
    {
        var description = Descriptions.Parse("v=0\na=setup:active\na=ice-ufrag:abcd\na=recvonly\nm=audio 9 UDP/TLS/RTP/SAVPF 0\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=setup:passive\na=sendonly\n");

        Assert.Equal((DtlsSetup.Active, MediaDirection.ReceiveOnly, "abcd"), (description.Media[0].Setup!.Value, description.Media[0].Direction, description.Media[0].IceUfrag));
        Assert.Equal((DtlsSetup.Passive, MediaDirection.SendOnly, "abcd"), (description.Media[1].Setup!.Value, description.Media[1].Direction, description.Media[1].IceUfrag));
    }

    [Theory]
    [InlineData("a=rtpmap:111 opus", "line 6: a=rtpmap: clock rate missing")]
    [InlineData("a=rtpmap:200 opus/48000", "line 6: a=rtpmap: payload type \"200\" is not 0 to 127")]
    [InlineData("a=rtpmap:111 opus/none", "line 6: a=rtpmap: the clock rate must be a number above 0")]
    [InlineData("a=rtpmap:111 /48000", "line 6: a=rtpmap: codec name missing")]
    [InlineData("a=rtpmap:111 opus/48000/2\na=rtpmap:111 opus/48000/2", "line 7: a=rtpmap: payload type 111 is already mapped")]
    [InlineData("m=video 9 UDP/TLS/RTP/SAVPF 128", "line 6: m=: payload type \"128\" is not 0 to 127")]
    [InlineData("m=video 9 UDP/TLS/RTP/SAVPF 96 96", "line 6: m=: payload type 96 is listed twice")]
    [InlineData("m=video 70000 UDP/TLS/RTP/SAVPF 96", "line 6: m=: the port must be 0 to 65535")]
    [InlineData("m=video 9", "line 6: m=: media, port, protocol and at least one format expected")]
    [InlineData("a=mid:0\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0", "line 8: a=mid: \"0\" is already used by another m-line")]
    [InlineData("a=mid:12345678901234567", "line 6: a=mid: 1 to 16 letters, digits or token signs expected")]
    [InlineData("a=extmap:0 urn:x", "line 6: a=extmap: the id must be 1 to 14 or 16 to 255")]
    [InlineData("a=extmap:1 urn:x\na=extmap:1 urn:y", "line 7: a=extmap: id 1 is already used in this m-line")]
    [InlineData("a=extmap:1/up urn:x", "line 6: a=extmap: the direction must be sendrecv, sendonly, recvonly or inactive")]
    [InlineData("a=ice-ufrag:ab", "line 6: a=ice-ufrag: 4 to 256 letters, digits, + or / expected")]
    [InlineData("a=ice-pwd:short", "line 6: a=ice-pwd: 22 to 256 letters, digits, + or / expected")]
    [InlineData("a=fingerprint:sha-256 AB:CD", "line 6: a=fingerprint: the value has not the length of a sha-256 digest")]
    [InlineData("a=fingerprint:sha-1 ABCD", "line 6: a=fingerprint: hash function and hex pairs with colons expected")]
    [InlineData("a=setup:maybe", "line 6: a=setup: actpass, active, passive or holdconn expected")]
    [InlineData("a=ssrc:-1 cname:x", "line 6: a=ssrc: a 32-bit number expected")]
    [InlineData("a=ssrc-group:FID 1", "line 6: a=ssrc-group:FID: two SSRCs expected")]
    [InlineData("a=rid:h up", "line 6: a=rid: id and send or recv expected")]
    [InlineData("a=simulcast:send", "line 6: a=simulcast: send or recv with a list of rids expected")]
    [InlineData("a=candidate:1 1 udp 1 192.0.2.1 99999 typ host", "line 6: a=candidate: the port must be 0 to 65535")]
    [InlineData("a=sctp-port:0", "line 6: a=sctp-port: 1 to 65535 expected")]
    [InlineData("x", "line 6: a line must be <letter>=<value>")]
    [InlineData("a=tool:\tx", "line 6: a line must not contain control characters")]
    public void Broken_line_is_named_with_its_rule(string lines, string expected)
    {
        Assert.False(SessionDescription.TryParse(Prefix + lines, out _, out var failure));
        Assert.Equal(expected, failure.ToString());
    }

    [Theory]
    [InlineData("", "the description is empty")]
    [InlineData("m=audio 9 X 0", "line 1: the first line must be v=0")]
    [InlineData("v=0\no=- x 1 IN IP4 0.0.0.0", "line 2: o=: the session id must be a number below 2^64")]
    [InlineData("v=0\na=group:BUNDLE 7", "line 2: a=group:BUNDLE names mid \"7\", which no m-line has")]
    public void Broken_whole_is_named_with_its_rule(string text, string expected)
    {
        Assert.False(SessionDescription.TryParse(text, out _, out var failure));
        Assert.Equal(expected, failure.ToString());
    }

    [Theory]
    [InlineData("a=extmap:{0} urn:{0}", 33, "a=extmap: more than 32 in one m-line")]
    [InlineData("a=ssrc:{0} cname:x", 65, "a=ssrc: more than 64 sources in one m-line")]
    [InlineData("m=audio 9 X 0", 128, "m=: more than 128 m-lines")]
    [InlineData("a=rid:{0} send", 17, "a=rid: more than 16 in one m-line")]
    [InlineData("a=rtcp-fb:111 x{0}", 17, "a=rtcp-fb: more than 16 for payload type 111")]
    public void More_lines_than_the_limit_are_refused(string line, int count, string expected)
    {
        var lines = Enumerable.Range(1, count).Select(number => line.Replace("{0}", (number < 15 ? number : number + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));

        Assert.False(SessionDescription.TryParse(Prefix + string.Join("\r\n", lines), out _, out var failure));
        Assert.Equal(expected, failure.Rule);
        Assert.Equal(5 + count, failure.Line);
    }

    [Fact]
    public void Text_and_line_have_a_longest_length_and_there_are_most_lines()
    {
        Assert.False(SessionDescription.TryParse(Prefix + new string('\n', 16 * 1024), out _, out var tooMany));
        Assert.Equal("the description has more than 16384 lines", tooMany.ToString());
        Assert.False(SessionDescription.TryParse(new string('a', 256 * 1024 + 1), out _, out var tooLong));
        Assert.Equal("the description is longer than 262144 characters", tooLong.ToString());
        Assert.False(SessionDescription.TryParse(Prefix + "a=" + new string('a', 4096), out _, out var line));
        Assert.Equal("line 6: the line is longer than 4096 characters", line.ToString());
    }
}
