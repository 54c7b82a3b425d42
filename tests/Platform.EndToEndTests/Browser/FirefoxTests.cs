using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>Firefox and Chromium in one call.</summary>
public sealed class FirefoxTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Firefox_and_Chromium_see_and_hear_each_other()
    {
        // In CI it must not be left out unnoticed.
        Assert.SkipWhen(Firefox.Path is null && Environment.GetEnvironmentVariable("CI") != "true", "Firefox is missing: apt-get install firefox-esr");
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var fay = await Firefox.StartAsync();
        await ann.OpenHomeAsync();
        await fay.OpenHomeAsync(platform.Gateway, "Fay");
        var (annId, fayId) = (await ann.UserIdAsync(), await fay.UserIdAsync());

        await fay.JoinAsync(await ann.StartMeetingAsync());
        await ann.ShowDiagnosticsAsync();
        await fay.ShowDiagnosticsAsync();

        await Eventually.BecomesTrue(async () => await fay.FramesDecodedAsync(annId) > 100, Patience, "Firefox decodes more than 100 frames of Chromium");
        await Eventually.BecomesTrue(async () => await fay.AudioLevelAsync(annId) > 0.001, Patience, "Firefox hears Chromium");
        await Eventually.BecomesTrue(async () => await ann.FramesDecodedAsync(fayId) > 100, Patience, "Chromium decodes more than 100 frames of Firefox");
        await Eventually.BecomesTrue(async () => await ann.AudioLevelAsync(fayId) > 0.001, Patience, "Chromium hears Firefox");
    }
}
