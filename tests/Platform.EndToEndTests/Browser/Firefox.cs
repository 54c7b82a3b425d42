using System.Diagnostics;
using System.Globalization;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>One participant in a Firefox of their own, with a fake camera and microphone.</summary>
internal sealed class Firefox : IAsyncDisposable
{
    private const string Announcement = "WebDriver BiDi listening on ";

    private const string Preferences = """
        user_pref("media.navigator.streams.fake", true);
        user_pref("media.navigator.permission.disabled", true);
        user_pref("media.autoplay.default", 0);
        user_pref("media.gmp-manager.updateEnabled", false);
        user_pref("app.update.enabled", false);
        user_pref("browser.shell.checkDefaultBrowser", false);
        user_pref("datareporting.policy.dataSubmissionEnabled", false);
        """;

    private static readonly string[] Candidates = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

    /// <summary>A first start on a busy machine.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TemporaryFolder _profile = new();
    private readonly Process _process;
    private BidiSession? _session;

    private Firefox(string path)
    {
        File.WriteAllText(System.IO.Path.Combine(_profile.Path, "user.js"), Preferences);
        _process = Process.Start(new ProcessStartInfo(path, ["--headless", "--no-remote", "--profile", _profile.Path, "--remote-debugging-port", "0"])
        {
            RedirectStandardError = true,
        })!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data?.StartsWith(Announcement, StringComparison.Ordinal) == true)
                _address.TrySetResult(new(line.Data[Announcement.Length..] + "/"));
        };
        _process.BeginErrorReadLine();
    }

    /// <summary>Null when it is not installed.</summary>
    public static string? Path => Array.Find(Candidates, File.Exists);

    public static async Task<Firefox> StartAsync()
    {
        var firefox = new Firefox(Path ?? throw new FileNotFoundException("Firefox is missing: apt-get install firefox-esr"));
        try
        {
            firefox._session = await BidiSession.OpenAsync(await firefox._address.Task.WaitAsync(StartPatience));
        }
        catch
        {
            await firefox.DisposeAsync();
            throw;
        }
        return firefox;
    }

    public async Task OpenHomeAsync(Uri gateway, string name)
    {
        await _session!.NavigateAsync(gateway);
        await FillAsync("name-input", name);
    }

    public async Task JoinAsync(string link)
    {
        await FillAsync("join-link-input", link);
        await ClickAsync("open-link");
        await ClickAsync("prejoin-join");
        await AppearsAsync("leave");
    }

    public async Task<long> UserIdAsync()
    {
        await AppearsAsync("own-user-id");
        return long.Parse((await _session!.EvaluateAsync($"{Element("own-user-id")}.innerText"))!, CultureInfo.InvariantCulture);
    }

    public async Task ShowDiagnosticsAsync()
    {
        await _session!.EvaluateAsync("void document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'd', bubbles: true }))");
        await AppearsAsync("diagnostics");
    }

    public Task<double> FramesDecodedAsync(long userId) => DiagnosticAsync(userId, "data-frames-decoded");

    /// <summary>0 silent to 1.</summary>
    public Task<double> AudioLevelAsync(long userId) => DiagnosticAsync(userId, "data-audio-level");

    public async ValueTask DisposeAsync()
    {
        _session?.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _profile.Dispose();
    }

    private static string Element(string testId) => $"document.querySelector('[data-testid={testId}]')";

    private Task AppearsAsync(string testId) => Eventually.BecomesTrue(
        async () => await _session!.EvaluateAsync($"!!{Element(testId)} && !{Element(testId)}.disabled") == "true", TimeSpan.FromSeconds(60), $"Firefox shows {testId}");

    private async Task FillAsync(string testId, string text)
    {
        await AppearsAsync(testId);
        await _session!.EvaluateAsync($"{Element(testId)}.value = {System.Text.Json.JsonSerializer.Serialize(text)}; {Element(testId)}.dispatchEvent(new Event('input', {{ bubbles: true }}))");
    }

    private async Task ClickAsync(string testId)
    {
        await AppearsAsync(testId);
        await _session!.EvaluateAsync($"{Element(testId)}.click()");
    }

    private async Task<double> DiagnosticAsync(long userId, string attribute)
    {
        var row = $"document.querySelector(`[data-testid=diagnostics-participant][data-user-id='{userId.ToString(CultureInfo.InvariantCulture)}']`)";
        return double.TryParse(await _session!.EvaluateAsync($"{row}?.getAttribute('{attribute}')"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
