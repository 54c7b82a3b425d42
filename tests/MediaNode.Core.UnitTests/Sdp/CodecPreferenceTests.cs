using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.UnitTests.Sdp;

public sealed class CodecPreferenceTests
{
    private const string Chromium = Descriptions.PublishOffer;

    [Theory]
    [InlineData(Chromium, "vp8", 96, 97)]
    [InlineData(Descriptions.FirefoxPublishOffer, "vp8", 120, 124)]
    [InlineData(Descriptions.SafariPublishOffer, "vp8", 35, 36)]
    public void Video_is_taken_in_what_every_browser_can_decode(string offer, string codec, byte payloadType, byte rtx)
    {
        var video = VideoOf(Answer(Descriptions.Text(offer)));

        Assert.Equal((codec, new PayloadType(payloadType), new PayloadType(rtx)), (video.Codec.Name(), video.PayloadType, video.RetransmissionPayloadType!.Value));
    }

    [Theory]
    [InlineData(Chromium, "h264", 108)]
    [InlineData(Chromium, "vp9", 98)]
    [InlineData(Chromium, "av1", 45)]
    [InlineData(Chromium, "opus", 96)]
    [InlineData(Descriptions.FirefoxPublishOffer, "av1", 99)]
    [InlineData(Descriptions.FirefoxPublishOffer, "h264", 120)]
    [InlineData(Descriptions.SafariPublishOffer, "h264", 98)]
    [InlineData(Descriptions.SafariPublishOffer, "av1", 35)]
    public void Codec_that_is_wished_for_is_taken_if_it_is_offered(string offer, string wish, byte payloadType)
    {
        Assert.True(CodecNames.TryFind(wish, out var codec));

        Assert.Equal(new PayloadType(payloadType), VideoOf(Answer(Descriptions.Text(offer), new([codec]))).PayloadType);
    }

    [Fact]
    public void Wishes_count_in_their_order_and_the_publishers_before_the_rooms()
    {
        var preference = CodecPreference.Of([Codec.H264], [Codec.Av1, Codec.H264, Codec.Vp9]);

        Assert.Equal([Codec.H264, Codec.Av1, Codec.Vp9], preference.Wished);
        Assert.Equal(Codec.Av1, VideoOf(Answer(Descriptions.Text(Descriptions.FirefoxPublishOffer), preference)).Codec);
    }

    /// <summary>As a page asks for by setCodecPreferences().</summary>
    [Theory]
    [InlineData("98 99 96 97", 98)]
    [InlineData("45 46 98 99 96 97", 98)]
    [InlineData("102 103 45 46 96 97", 96)]
    [InlineData("45 46 116 117 102 103 108 109", 108)]
    [InlineData("45 46 116 117 102 103", 102)]
    [InlineData("45 46 116 117", 116)]
    [InlineData("45 46", 45)]
    public void Order_of_the_publisher_counts_among_codecs_that_receivers_have_alike(string formats, byte payloadType) =>
        Assert.Equal(new PayloadType(payloadType), VideoOf(Answer(WithFormats(Descriptions.Text(Chromium), formats))).PayloadType);

    [Fact]
    public void Publisher_that_has_h264_alone_is_taken_in_the_profile_that_all_its_receivers_have()
    {
        var video = VideoOf(Answer(WithFormats(Descriptions.Text(Descriptions.SafariPublishOffer), "96 97 98 99 100 101")));

        Assert.Equal(new PayloadType(98), video.PayloadType);
        Assert.True(H264Profiles.TryRead(video.Parameters, out var profile));
        foreach (var receiver in new[] { Chromium, Descriptions.SafariPublishOffer })
            Assert.Contains(profile, ProfilesOf(receiver));
        // What it lists first is missing elsewhere.
        Assert.DoesNotContain(H264Profile.ConstrainedHigh, ProfilesOf(Chromium));
    }

    [Theory]
    [InlineData("profile-level-id=42e01f", H264Profile.ConstrainedBaseline)]
    [InlineData("profile-level-id=42E034", H264Profile.ConstrainedBaseline)]
    [InlineData("profile-level-id=42c01f", H264Profile.ConstrainedBaseline)]
    [InlineData("profile-level-id=4d801f", H264Profile.ConstrainedBaseline)]
    [InlineData("profile-level-id=4de01f", H264Profile.ConstrainedBaseline)]
    [InlineData("profile-level-id=58c01f", H264Profile.ConstrainedBaseline)]
    [InlineData("profile-level-id=42001f", H264Profile.Baseline)]
    [InlineData("profile-level-id=42a01f", H264Profile.Baseline)]
    [InlineData("packetization-mode=1", H264Profile.Baseline)]
    [InlineData("profile-level-id=4d001f", H264Profile.Main)]
    [InlineData("profile-level-id=4d401f", H264Profile.Main)]
    [InlineData("profile-level-id=64001f", H264Profile.High)]
    [InlineData("profile-level-id=640c1f", H264Profile.ConstrainedHigh)]
    [InlineData("profile-level-id=f4001f", H264Profile.PredictiveHigh444)]
    [InlineData("profile-level-id=64081f", null)]
    [InlineData("profile-level-id=42e11f", null)]
    [InlineData("profile-level-id=42e01", null)]
    [InlineData("profile-level-id=42e0zz", null)]
    [InlineData("profile-level-id=-2e01f", null)]
    public void Profile_is_read_from_all_ids_that_mean_it(string parameters, object? expected) =>
        Assert.Equal(expected, H264Profiles.TryRead(parameters, out var profile) ? profile : null);

    [Theory]
    [InlineData("42e01f", "42e01f", true)]
    [InlineData("42e01f", "42c00a", true)]
    [InlineData("42e01f", "42001f", true)]
    [InlineData("42e01f", "64001f", true)]
    [InlineData("4d001f", "64001f", true)]
    [InlineData("640c1f", "64001f", true)]
    [InlineData("64001f", "f4001f", true)]
    [InlineData("42001f", "42e01f", false)]
    [InlineData("42001f", "64001f", false)]
    [InlineData("64001f", "42e01f", false)]
    [InlineData("640c1f", "42e01f", false)]
    [InlineData("4d001f", "42e01f", false)]
    public void Subscriber_takes_h264_only_if_its_answer_names_a_profile_that_decodes_it(string published, string answered, bool isTaken)
    {
        var stream = new OfferedStream(MediaKind.Video, Codec.H264, $"packetization-mode=1;profile-level-id={published}", new(16), null, "carol", "44", "44-v");
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, [OfferedStream.DataChannels, stream], 77, 1);
        Assert.True(OfferAnswer.TryAnswerAsClient(Descriptions.Parse(offer.Description.ToString()), Descriptions.Client, out var answer, out _));
        var text = answer.Description.ToString();
        Assert.Contains($"profile-level-id={published}", text, StringComparison.Ordinal);

        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(
            offer, Descriptions.Parse(text.Replace($"profile-level-id={published}", $"profile-level-id={answered}", StringComparison.Ordinal)), out var accepted, out _));

        Assert.Equal(isTaken, accepted.Media.Any(media => media.Codec is not null));
    }

    [Fact]
    public void Firefox_without_its_plugin_answers_all_but_h264()
    {
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, Descriptions.Streams(), 77, 1);

        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(offer, Descriptions.Read(Descriptions.FirefoxSubscriberAnswer), out var accepted, out var failure), failure?.ToString());

        Assert.Equal(DtlsRole.Server, accepted.LocalRole);
        Assert.Equal([Codec.Opus, Codec.Vp8, Codec.Vp9, Codec.Av1], accepted.Media.Select(media => media.Codec?.Codec).OfType<Codec>());
        Assert.All(accepted.Media.Where(media => media.Kind == MediaKind.Video), media => Assert.NotNull(media.Codec!.RetransmissionPayloadType));
        Assert.True(accepted.Media[1].AllowsMixedExtensions);
    }

    private static PublisherAnswer Answer(string offer, CodecPreference? preference = null)
    {
        Assert.True(
            OfferAnswer.TryAnswerPublisher(Descriptions.Parse(offer), Descriptions.Node, DtlsRole.Server, preference ?? CodecPreference.None, out var answer, out var failure),
            failure?.ToString());
        return answer;
    }

    private static NegotiatedCodec VideoOf(PublisherAnswer answer) => answer.Media.Single(media => media.Kind == MediaKind.Video).Codec!;

    private static IEnumerable<H264Profile> ProfilesOf(string offer) => Descriptions.Read(offer).Media[1].Payloads
        .Where(format => format.IsNamed("H264") && format.Parameters.Contains("packetization-mode=1", StringComparison.Ordinal))
        .Select(format =>
        {
            Assert.True(H264Profiles.TryRead(format.Parameters, out var profile));
            return profile;
        });

    /// <summary>The m-line of video lists these alone.</summary>
    private static string WithFormats(string offer, string formats)
    {
        var kept = formats.Split(' ');
        var before = Descriptions.Parse(offer).Media[1].Formats.Except(kept).ToList();
        var lines = offer.Split('\n').Where(line => !before.Exists(format =>
            line.StartsWith($"a=rtpmap:{format} ", StringComparison.Ordinal) || line.StartsWith($"a=fmtp:{format} ", StringComparison.Ordinal) || line.StartsWith($"a=rtcp-fb:{format} ", StringComparison.Ordinal)));
        return string.Join('\n', lines.Select(line => line.StartsWith("m=video", StringComparison.Ordinal) ? line[..(line.IndexOf("SAVPF", StringComparison.Ordinal) + 6)] + formats : line));
    }
}
