using Microsoft.Playwright;
using Platform.EndToEndTests.Links;
using Platform.EndToEndTests.Sdk;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>Chromium's own simulcast and scalable codecs, and what its decoder makes of changes between the encodings and layers.</summary>
public sealed class SimulcastTests(RunningPlatform platform, Chromium chromium)
{
    private const int UsualWidth = 1280;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <param name="codec">The only one that is offered.</param>
    [Theory]
    [InlineData("VP8")]
    [InlineData("H264")]
    public async Task Three_subscribers_watch_different_encodings_and_change_between_them(string codec)
    {
        await using var participant = await chromium.NewParticipantAsync(platform, "Simulcast");
        await PublishAsync(participant.Page, codec);
        await WithDescription(participant.Page, page => ChangeAsync(page, UsualWidth));
    }

    /// <summary>The encoder of AV1 takes a whole core for a larger picture; a smaller one Chromium sends in two layers.</summary>
    /// <param name="codec">The only one that is offered.</param>
    /// <param name="layers">Scalability mode of the W3C's webrtc-svc.</param>
    /// <param name="width">Of the largest picture.</param>
    [Theory]
    [InlineData("VP9", "L3T3_KEY", 1280)]
    [InlineData("AV1", "L3T3_KEY", 960)]
    public async Task Three_subscribers_watch_different_layers_of_one_stream_and_change_between_them(string codec, string layers, int width)
    {
        await using var participant = await chromium.NewParticipantAsync(platform, "Layers");
        await PublishAsync(participant.Page, codec, layers, width);
        await WithDescription(participant.Page, page => ChangeAsync(page, width));
    }

    /// <summary>The links are relays within this test: what they do not carry waits in them, then is lost, and the node has to find out from the browser's feedback.</summary>
    [Fact]
    public async Task Each_subscriber_gets_the_encoding_that_its_link_carries()
    {
        await using var participant = await chromium.NewParticipantAsync(platform, "Links");
        // The publisher's, and those of the subscribers: the encodings have at most 150, 400 and 900 kbit/s, of which the picture of Chromium's fake camera takes two thirds.
        LinkQuality[] links = [LinkQuality.Wide, LinkQuality.Of(bitsPerSecond: 220_000), LinkQuality.Of(bitsPerSecond: 480_000), LinkQuality.Wide];
        await using var pageLinks = await PageLinks.InstallAsync(participant.Page, links);
        await PublishAsync(participant.Page);
        await WithDescription(participant.Page, FitAsync);
    }

    private static async Task WithDescription(IPage page, Func<IPage, Task> act)
    {
        try
        {
            await act(page);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\n{await page.EvaluateAsync<string>("describe()")}");
        }
    }

    private async Task PublishAsync(IPage page, string? codec = null, string? layers = null, int width = UsualWidth)
    {
        var identity = await platform.OpenGuestSessionAsync("Simulcast");
        var room = await platform.ScheduleOpenMeetingAsync(identity);
        await using var site = await PartnerSite.StartAsync();
        await page.GotoAsync(site.Address.ToString());
        await page.AddScriptTagAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, "Browser", "simulcast.js") });
        var url = new UriBuilder(platform.Gateway) { Scheme = "ws", Path = "janus" }.Uri.ToString();
        await page.EvaluateAsync("options => publish(options)", new { url, token = identity.Token, userId = (long)identity.UserId, room, codec, layers, width });
        await WithDescription(page, page => Eventually.BecomesTrue(
            async () => (await page.EvaluateAsync<int[]>("sent()")).Count(frames => frames > 30) == (layers is null ? 3 : 1), Patience, "Chromium sends all encodings"));
    }

    private static async Task FitAsync(IPage page)
    {
        for (var i = 0; i < 3; i++)
        {
            await page.EvaluateAsync("subscribe()");
            await WantAsync(page, i, substream: 2);
        }
        for (var i = 0; i < 3; i++)
            await KeepsAsync(page, i, substream: i);
    }

    private static async Task ChangeAsync(IPage page, int width)
    {
        for (var i = 0; i < 3; i++)
        {
            await page.EvaluateAsync("subscribe()");
            await WantAsync(page, i, i);
        }
        for (var i = 0; i < 3; i++)
            await WatchesAsync(page, i, width >> (2 - i));

        var before = await ReceivedAsync(page, 0);
        foreach (var substream in new[] { 2, 0, 1 })
        {
            await WantAsync(page, 0, substream);
            await WatchesAsync(page, 0, width >> (2 - substream));
        }
        var after = await ReceivedAsync(page, 0);
        Assert.True(after.FramesDecoded > before.FramesDecoded);
        // Three changes; each may stop the picture, but for less than half a second.
        Assert.InRange(after.TotalFreezesDuration - before.TotalFreezesDuration, 0, 3 * 0.5);
        Assert.InRange(after.FreezeCount - before.FreezeCount, 0, 3);
        // It may have been told of others between: what a path carries counts too.
        var told = await page.EvaluateAsync<int[]>("told(0)");
        Assert.Equal(1, told[^1]);
        Assert.InRange(Array.LastIndexOf(told, 0), Array.IndexOf(told, 2) + 1, told.Length - 2);
    }

    private static async Task WantAsync(IPage page, int subscriber, int substream) =>
        await page.EvaluateAsync("([index, substream]) => want(index, substream, 2)", new[] { subscriber, substream });

    /// <summary>Pictures of the encoding's width for 100 pictures on end; the node may try a higher one from time to time.</summary>
    private static async Task KeepsAsync(IPage page, int subscriber, int substream)
    {
        var (width, begin) = (UsualWidth >> (2 - substream), -1);
        await Eventually.BecomesTrue(
            async () =>
            {
                var reception = await ReceivedAsync(page, subscriber);
                begin = reception.FrameWidth != width ? -1 : begin < 0 ? reception.FramesDecoded : begin;
                return begin >= 0 && reception.FramesDecoded >= begin + 100;
            },
            Patience,
            $"subscriber {subscriber} decodes 100 pictures {width} wide on end");
    }

    /// <summary>The picture has that width, and moves.</summary>
    private static async Task WatchesAsync(IPage page, int subscriber, int width)
    {
        await Eventually.BecomesTrue(
            async () => (await ReceivedAsync(page, subscriber)).FrameWidth == width, Patience, $"subscriber {subscriber} decodes pictures {width} wide");
        var frames = (await ReceivedAsync(page, subscriber)).FramesDecoded;
        await Eventually.BecomesTrue(
            async () => (await ReceivedAsync(page, subscriber)).FramesDecoded > frames + 15, Patience, $"subscriber {subscriber} goes on decoding");
    }

    private static Task<Reception> ReceivedAsync(IPage page, int subscriber) => page.EvaluateAsync<Reception>("index => received(index)", subscriber);

    private sealed record Reception
    {
        public int FrameWidth { get; init; }

        public int FramesDecoded { get; init; }

        public int FreezeCount { get; init; }

        public double TotalFreezesDuration { get; init; }
    }
}
