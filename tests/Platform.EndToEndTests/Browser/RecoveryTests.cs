using Platform.EndToEndTests.Calls;
using Platform.EndToEndTests.Failures;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>What the page does when a process that carries its call is killed.</summary>
public sealed class RecoveryTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("media node")]
    [InlineData("signalling instance")]
    [InlineData("gateway")]
    public async Task Call_goes_on_after_a_kill(string killed)
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await ann.OpenHomeAsync();
        await bob.OpenHomeAsync();
        var (annId, bobId) = (await ann.UserIdAsync(), await bob.UserIdAsync());
        await bob.JoinAsync(await ann.StartMeetingAsync());
        await ann.ShowDiagnosticsAsync();
        await bob.ShowDiagnosticsAsync();
        await PlaysAsync(ann, bobId);
        await PlaysAsync(bob, annId);

        await platform.KillAndAwaitRestartAsync(
            ServiceOf(annId, killed),
            () => killed == "media node" ? ann.Element("reconnecting").WaitForAsync() : Task.CompletedTask);

        await PlaysAsync(ann, bobId);
        await PlaysAsync(bob, annId);
        await Eventually.BecomesTrue(
            async () => !await ann.Element("reconnecting").IsVisibleAsync() && !await bob.Element("reconnecting").IsVisibleAsync()
                && await ann.Tile(bobId).CountAsync() == 1 && await bob.Tile(annId).CountAsync() == 1,
            Patience,
            "both are back, each once");
        await PlaysAsync(ann, bobId);
    }

    /// <summary>Waits until 50 more frames are decoded.</summary>
    private static Task PlaysAsync(ParticipantPage viewer, long other)
    {
        double? lowest = null;
        return Eventually.BecomesTrue(
            async () =>
            {
                var decoded = await viewer.FramesDecodedAsync(other);
                // A new connection counts from the start again.
                lowest = Math.Min(lowest ?? decoded, decoded);
                return decoded >= lowest + 50;
            },
            Patience,
            $"{viewer.Name} goes on seeing user {other}");
    }

    /// <summary>The process that this user's call goes through.</summary>
    private string ServiceOf(long user, string role)
    {
        if (role == "gateway")
            return "gateway";
        var join = platform.JoinsOf((ulong)user)[^1];
        return role == "media node" ? join.Node : join.Instance;
    }
}
