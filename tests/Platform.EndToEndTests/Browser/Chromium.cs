using Microsoft.Playwright;
using Platform.EndToEndTests.Browser;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace Platform.EndToEndTests.Browser;

/// <summary>One real browser with a fake camera and microphone; each participant is a context of its own.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Candidates.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException("Chromium is missing: apt-get install chromium"),
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
                "--auto-select-desktop-capture-source=Entire screen",
                // Pages in the background must go on playing.
                "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>Somebody new, with a session of their own.</summary>
    public async Task<ParticipantPage> NewParticipantAsync(RunningPlatform platform, string name)
    {
        var context = await _browser!.NewContextAsync(new() { Permissions = ["camera", "microphone"], ViewportSize = new() { Width = 1280, Height = 800 } });
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        return new(page, platform.Gateway, name);
    }
}
