using System.Text.Json;
using Microsoft.Playwright;
using Platform.EndToEndTests.Browser;
using Platform.Testing;

namespace Platform.EndToEndTests.Sdk;

/// <summary>Messages between two pages that use the product's own client, over the media node.</summary>
public sealed class DataChannelTests(RunningPlatform platform, Chromium chromium)
{
    private const int FileBytes = 100_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task What_one_page_sends_the_other_hears_by_label()
    {
        await using var host = await chromium.NewParticipantAsync(platform, "Host");
        await host.OpenHomeAsync();
        var meeting = (await host.StartMeetingAsync()).Split('/')[^1];
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await using var site = await PartnerSite.StartAsync();
        await JoinAsync(ann.Page, site, meeting, "Ann");
        await JoinAsync(bob.Page, site, meeting, "Bob");
        await Eventually.BecomesTrue(
            async () => await bob.Page.EvaluateAsync<int>("participant.joined.length") == 2 && await ann.Page.EvaluateAsync<int>("participant.joined.length") == 2,
            Patience,
            "both see two others");
        // One of the own, publishing PeerConnection and one of the other's; the platform's page, where the host is, publishes none.
        foreach (var participant in new[] { ann, bob })
        {
            await Eventually.BecomesTrue(
                async () => await participant.Page.EvaluateAsync<int>("participant.channels.length") >= 2, Patience, $"{participant.Name}'s data channels are open");
        }

        await ann.Page.EvaluateAsync("sendText('Hello, Bob')");
        await ann.Page.EvaluateAsync("sendText('by label', 'whiteboard')");
        await Hears(bob, "JanusDataChannel", "Hello, Bob");
        await Hears(bob, "whiteboard", "by label");

        await bob.Page.EvaluateAsync("sendText('Hello, Ann')");
        await Hears(ann, "JanusDataChannel", "Hello, Ann");

        await ann.Page.EvaluateAsync($"sendFile({FileBytes})");
        await Hears(bob, "file", $"{FileBytes} bytes, each as sent");
        Assert.Empty((await bob.Page.EvaluateAsync<JsonElement>("participant.errors")).EnumerateArray());
    }

    private async Task JoinAsync(IPage page, PartnerSite site, string meeting, string name)
    {
        await SdkTests.LoadSdkAsync(page, site);
        await page.EvaluateAsync<long>(
            "options => join(options)",
            new { gateway = platform.Gateway.ToString().TrimEnd('/'), appId = platform.ApplicationId, authKey = platform.AuthKey, meetingId = meeting, name });
    }

    private static Task Hears(ParticipantPage page, string label, string text) => Eventually.BecomesTrue(
        async () => (await page.Page.EvaluateAsync<JsonElement>("participant.heard")).EnumerateArray()
            .Any(heard => heard.GetProperty("label").GetString() == label && heard.GetProperty("text").GetString() == text),
        Patience,
        $"{page.Name} hears \"{text}\" on {label}");
}
