using System.Globalization;
using Microsoft.Playwright;

namespace Platform.EndToEndTests.Browser;

/// <summary>The web page as one participant sees and uses it.</summary>
public sealed class ParticipantPage(IPage page, Uri gateway, string name) : IAsyncDisposable
{
    private readonly List<string> _console = [];

    public IPage Page => page;

    public string Name => name;

    /// <summary>Lines that the page wrote, for the failure's text.</summary>
    public IReadOnlyList<string> ConsoleLines => _console;

    public ILocator Element(string testId) => page.GetByTestId(testId);

    public ILocator Tile(long userId) => page.Locator($"[data-testid=tile][data-user-id='{userId}']");

    public async Task OpenHomeAsync()
    {
        page.Console += (_, message) => _console.Add(message.Text);
        await page.GotoAsync(gateway.ToString());
        await Element("name-input").FillAsync(name);
    }

    public async Task<long> UserIdAsync()
    {
        await Element("own-user-id").WaitForAsync();
        return long.Parse(await Element("own-user-id").InnerTextAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Makes a meeting and goes in.</summary>
    /// <returns>The meeting's link.</returns>
    public async Task<string> StartMeetingAsync()
    {
        await Element("new-meeting").ClickAsync();
        await Element("prejoin-join").ClickAsync();
        await Element("leave").WaitForAsync();
        return page.Url;
    }

    public async Task JoinAsync(string link)
    {
        await Element("join-link-input").FillAsync(link);
        await Element("open-link").ClickAsync();
        await Element("prejoin-join").ClickAsync();
        await Element("leave").WaitForAsync();
    }

    public async Task InviteAsync(long userId)
    {
        if (!await Element("invite-input").IsVisibleAsync())
            await Element("toggle-people").ClickAsync();
        await Element("invite-input").FillAsync(userId.ToString(CultureInfo.InvariantCulture));
        await Element("invite-send").ClickAsync();
    }

    /// <summary>Opens the diagnostics panel, whose rows the figures below are read from.</summary>
    public async Task ShowDiagnosticsAsync()
    {
        if (!await Element("diagnostics").IsVisibleAsync())
            await page.Keyboard.PressAsync("d");
        await Element("diagnostics").WaitForAsync();
    }

    /// <summary>Another tab of the same browser: it shares what the page keeps for all tabs.</summary>
    public async Task<ParticipantPage> NewTabAsync() => new(await page.Context.NewPageAsync(), gateway, $"{name}'s second tab");

    /// <summary>The same address in a tab that starts with a copy of this tab's own storage, as by the browser's "Duplicate tab".</summary>
    public async Task<ParticipantPage> DuplicateTabAsync()
    {
        var copy = await page.RunAndWaitForPopupAsync(() => page.EvaluateAsync("() => void open(location.href)"));
        return new(copy, gateway, $"{name}'s duplicate");
    }

    public Task CloseTabAsync() => page.CloseAsync();

    public Task<double> FramesDecodedAsync(long userId) => DiagnosticAsync(userId, "data-frames-decoded");

    /// <summary>In pixels: of the received picture, or of the largest that goes out.</summary>
    public Task<double> FrameWidthAsync(long userId) => DiagnosticAsync(userId, "data-frame-width");

    /// <summary>0 silent to 1.</summary>
    public Task<double> AudioLevelAsync(long userId) => DiagnosticAsync(userId, "data-audio-level");

    public Task<string?> TileStateAsync(long userId, string attribute) => Tile(userId).GetAttributeAsync(attribute);

    public async ValueTask DisposeAsync() => await page.Context.CloseAsync();

    private async Task<double> DiagnosticAsync(long userId, string attribute)
    {
        var row = page.Locator($"[data-testid=diagnostics-participant][data-user-id='{userId}']");
        if (await row.CountAsync() == 0)
            return 0;
        return double.TryParse(await row.GetAttributeAsync(attribute), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
