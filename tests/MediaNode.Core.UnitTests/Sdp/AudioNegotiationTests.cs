using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.UnitTests.Sdp;

/// <summary>Opus and its parameters, and redundant audio (RFC 2198) beside it.</summary>
public sealed class AudioNegotiationTests
{
    private const string AudioLine = "UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126";

    [Theory]
    [InlineData("111 63 9 0 8 13 110 126", "111 63", false)]
    [InlineData("63 111 9 0 8 13 110 126", "63 111", true)]
    [InlineData("9 0 63 8 111 13 110 126", "63 111", true)]
    public void Answer_has_opus_and_redundancy_in_the_order_of_the_offer(string offered, string answered, bool isPreferred)
    {
        var answer = Answer(Text().Replace(AudioLine, $"UDP/TLS/RTP/SAVPF {offered}", StringComparison.Ordinal));

        Assert.Contains($"m=audio 9 UDP/TLS/RTP/SAVPF {answered}\r\n", answer.Description.ToString(), StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:63 red/48000/2\r\n", answer.Description.ToString(), StringComparison.Ordinal);
        Assert.Contains("a=fmtp:63 111/111\r\n", answer.Description.ToString(), StringComparison.Ordinal);
        Assert.Equal(new NegotiatedRedundancy(new(63), "111/111", isPreferred), answer.Media[0].Codec!.Redundancy);
        Assert.Equal((Codec.Opus, new PayloadType(111)), (answer.Media[0].Codec!.Codec, answer.Media[0].Codec!.PayloadType));
    }

    [Theory]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 111/110")]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 111/")]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 opus")]
    [InlineData("a=fmtp:63 111/111", "a=x")]
    [InlineData("red/48000/2", "red/8000")]
    [InlineData("red/48000/2", "ulpfec/48000/2")]
    public void Redundancy_whose_blocks_are_not_known_to_be_opus_is_not_taken(string from, string to)
    {
        var answer = Answer(Text().Replace(from, to, StringComparison.Ordinal));

        Assert.Contains("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", answer.Description.ToString(), StringComparison.Ordinal);
        Assert.Null(answer.Media[0].Codec!.Redundancy);
    }

    [Fact]
    public void More_than_one_repeated_block_may_be_agreed()
    {
        var answer = Answer(Text().Replace("111/111", "111/111/111", StringComparison.Ordinal));

        Assert.Equal("111/111/111", answer.Media[0].Codec!.Redundancy!.Parameters);
    }

    [Theory]
    [InlineData("minptime=10;useinbandfec=1")]
    [InlineData("minptime=10;useinbandfec=1;usedtx=1")]
    [InlineData("minptime=10;useinbandfec=0;stereo=1;sprop-stereo=1;maxaveragebitrate=128000;cbr=1")]
    public void Publisher_is_answered_its_own_parameters_of_opus(string parameters)
    {
        var answer = Answer(Text().Replace("a=fmtp:111 minptime=10;useinbandfec=1", $"a=fmtp:111 {parameters}", StringComparison.Ordinal));

        Assert.Contains($"a=fmtp:111 {parameters}\r\n", answer.Description.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Subscribers_are_offered_one_configuration_of_opus_whatever_the_publishers_send()
    {
        OfferedStream[] streams = [Audio(1, "stereo=1;usedtx=1", hasRedundancy: true), Audio(2, "", hasRedundancy: false), Audio(3, "maxaveragebitrate=32000", hasRedundancy: true)];

        var lines = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, streams, 7, 1).Description.Media;

        // RFC 9143 section 9.1: a payload type means one configuration in all of a bundle; browsers refuse an offer in which it does not.
        Assert.Single(lines.SelectMany(line => line.Payloads).Where(payload => payload.IsNamed("opus")).Select(payload => (payload.PayloadType, payload.Parameters)).Distinct());
        Assert.Single(lines.SelectMany(line => line.Payloads).Where(payload => payload.IsNamed("red")).Select(payload => (payload.PayloadType, payload.Parameters)).Distinct());
        Assert.Equal(["111 63", "111", "111 63"], lines.Select(line => string.Join(' ', line.Formats)));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("UDP/TLS/RTP/SAVPF 111 63", "UDP/TLS/RTP/SAVPF 63 111", true)]
    [InlineData("UDP/TLS/RTP/SAVPF 111 63", "UDP/TLS/RTP/SAVPF 111", false)]
    [InlineData("a=fmtp:63 111/111", "a=fmtp:63 96/96", false)]
    [InlineData("a=rtpmap:63 red/48000/2", "a=rtpmap:63 G722/8000", false)]
    public void Subscriber_gets_redundancy_only_if_its_answer_takes_it(string from, string to, bool isTaken)
    {
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, [Audio(1, "", hasRedundancy: true)], 7, 1);
        Assert.True(OfferAnswer.TryAnswerAsClient(Descriptions.Parse(offer.Description.ToString()), Descriptions.Client, out var client, out _));
        var text = client.Description.ToString();
        text = from.Length == 0 ? text : text.Replace(from, to, StringComparison.Ordinal);

        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(offer, Descriptions.Parse(text), out var accepted, out var failure), failure?.ToString());

        var codec = Assert.Single(accepted.Media).Codec!;
        Assert.Equal(Codec.Opus, codec.Codec);
        Assert.Equal(isTaken ? new PayloadType(63) : null, codec.Redundancy?.PayloadType);
    }

    [Fact]
    public void Subscriber_that_answers_with_redundancy_nobody_offered_gets_none()
    {
        var offer = OfferAnswer.CreateSubscriberOffer(Descriptions.Node, [Audio(1, "", hasRedundancy: false)], 7, 1);
        Assert.True(OfferAnswer.TryAnswerAsClient(Descriptions.Parse(offer.Description.ToString()), Descriptions.Client, out var client, out _));
        var text = client.Description.ToString()
            .Replace("UDP/TLS/RTP/SAVPF 111\r\n", "UDP/TLS/RTP/SAVPF 111 63\r\n", StringComparison.Ordinal)
            .Replace("a=rtpmap:111 ", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 ", StringComparison.Ordinal);
        Assert.Contains("111 63", text, StringComparison.Ordinal);

        Assert.True(OfferAnswer.TryAcceptSubscriberAnswer(offer, Descriptions.Parse(text), out var accepted, out _));

        Assert.Null(Assert.Single(accepted.Media).Codec!.Redundancy);
    }

    private static string Text() => Descriptions.Text(Descriptions.PublishOffer);

    private static OfferedStream Audio(uint ssrc, string parameters, bool hasRedundancy) =>
        new(MediaKind.Audio, Codec.Opus, parameters, new(ssrc), null, "alice", "42", $"42-{ssrc}") { HasRedundancy = hasRedundancy };

    private static PublisherAnswer Answer(string offer)
    {
        Assert.True(OfferAnswer.TryAnswerPublisher(Descriptions.Parse(offer), Descriptions.Node, DtlsRole.Server, CodecPreference.None, out var answer, out var failure), failure?.ToString());
        return answer;
    }
}
