using System.Text.Json;
using CliWrap;
using CliWrap.Buffered;
using Microsoft.Playwright;
using Platform.EndToEndTests.Browser;
using Platform.Testing;

namespace Platform.EndToEndTests.Sdk;

/// <summary>The product's own client (npm connectycube), unmodified, in a call with somebody who uses the web page.</summary>
public sealed class SdkTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Sdk");

    [Fact]
    public async Task Unmodified_SDK_meets_the_web_page()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await ann.OpenHomeAsync();
        var annId = await ann.UserIdAsync();
        var link = await ann.StartMeetingAsync();
        await ann.ShowDiagnosticsAsync();

        await using var sdk = await chromium.NewParticipantAsync(platform, "Sdk");
        var page = sdk.Page;
        await using var site = await PartnerSite.StartAsync();
        await LoadSdkAsync(page, site);
        var sdkId = await page.EvaluateAsync<long>(
            "options => join(options)",
            new { gateway = platform.Gateway.ToString().TrimEnd('/'), appId = platform.ApplicationId, authKey = platform.AuthKey, meetingId = link.Split('/')[^1], name = "Sdk" });

        await Eventually.BecomesTrue(async () => await page.EvaluateAsync<int>("participant.frames()") > 100, Patience, "the SDK decodes more than 100 frames of Ann");
        await Eventually.BecomesTrue(async () => await ann.FramesDecodedAsync(sdkId) > 100, Patience, "Ann decodes more than 100 frames of the SDK's user");
        await Eventually.BecomesTrue(async () => await ann.AudioLevelAsync(sdkId) > 0.001, Patience, "Ann hears the SDK's user");
        var joined = await page.EvaluateAsync<JsonElement>("participant.joined");
        Assert.Equal(annId, joined.EnumerateArray().Single().GetProperty("id").GetInt64());
        var online = await page.EvaluateAsync<JsonElement>("online()");
        Assert.Equal(2, online.GetArrayLength());

        await page.EvaluateAsync("leave()");
        await Eventually.BecomesTrue(async () => await ann.Tile(sdkId).CountAsync() == 0, Patience, "the tile goes when the SDK's user leaves");
        Assert.Empty((await page.EvaluateAsync<JsonElement>("participant.errors")).EnumerateArray());
    }

    internal static async Task LoadSdkAsync(IPage page, PartnerSite site)
    {
        var install = await Cli.Wrap("npm").WithArguments(["ci", "--no-audit", "--no-fund", "--prefer-offline"])
            .WithWorkingDirectory(Path.Combine(Folder, "packages")).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.True(install.ExitCode == 0, install.StandardError);
        await page.GotoAsync(site.Address.ToString());
        await page.AddScriptTagAsync(new() { Path = Path.Combine(Folder, "packages/node_modules/webrtc-adapter/out/adapter.js") });
        await page.AddScriptTagAsync(new() { Path = Path.Combine(Folder, "packages/node_modules/connectycube/dist/connectycube.min.js") });
        await page.AddScriptTagAsync(new() { Path = Path.Combine(Folder, "participant.js") });
    }
}
