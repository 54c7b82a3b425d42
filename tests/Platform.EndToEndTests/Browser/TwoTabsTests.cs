using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>One browser, one storage, one meeting, two tabs: the page makes each tab a user of its own, so that none throws the other out.</summary>
public sealed class TwoTabsTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Two_tabs_of_one_browser_are_two_participants_and_one_stays_when_the_other_closes()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await ann.OpenHomeAsync();
        var link = await ann.StartMeetingAsync();
        var second = await ann.NewTabAsync();
        await second.OpenHomeAsync();
        await second.JoinAsync(link);
        await AreTwoAsync(ann, second, link);
    }

    /// <summary>Such a tab begins with a copy of the first one's storage, its session included.</summary>
    [Fact]
    public async Task Duplicated_tab_is_a_participant_of_its_own_and_the_first_stays_when_it_closes()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await ann.OpenHomeAsync();
        var link = await ann.StartMeetingAsync();
        var copy = await ann.DuplicateTabAsync();
        await copy.Element("prejoin-join").ClickAsync();
        await copy.Element("leave").WaitForAsync();
        await AreTwoAsync(ann, copy, link);
    }

    private async Task AreTwoAsync(ParticipantPage first, ParticipantPage second, string link)
    {
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await bob.OpenHomeAsync();
        await bob.JoinAsync(link);
        var (firstId, secondId, bobId) = (await OwnIdAsync(first), await OwnIdAsync(second), await OwnIdAsync(bob));
        Assert.NotEqual(firstId, secondId);

        foreach (var page in new[] { first, second, bob })
            await page.ShowDiagnosticsAsync();
        await SeesAndHears(bob, firstId);
        await SeesAndHears(bob, secondId);
        await SeesAndHears(first, secondId);
        await SeesAndHears(second, firstId);

        await second.CloseTabAsync();
        await Eventually.BecomesTrue(
            async () => await bob.Tile(secondId).CountAsync() == 0 && await first.Tile(secondId).CountAsync() == 0, Patience, "the closed tab's tile goes");
        await GoesOnSeeing(bob, firstId);
        await GoesOnSeeing(first, bobId);
        Assert.False(await first.Element("reconnecting").IsVisibleAsync());
    }

    /// <summary>Of somebody in a call.</summary>
    private static Task<long> OwnIdAsync(ParticipantPage participant) => participant.Page.EvaluateAsync<long>("() => window.call.self.userId");

    private static async Task SeesAndHears(ParticipantPage viewer, long other)
    {
        await Eventually.BecomesTrue(
            async () => await viewer.FramesDecodedAsync(other) > 50, Patience, $"{viewer.Name} decodes more than 50 frames of user {other}");
        await Eventually.BecomesTrue(
            async () => await viewer.AudioLevelAsync(other) > 0.001, Patience, $"{viewer.Name} hears user {other}");
    }

    private static async Task GoesOnSeeing(ParticipantPage viewer, long other)
    {
        var decoded = await viewer.FramesDecodedAsync(other);
        await Eventually.BecomesTrue(
            async () => await viewer.FramesDecodedAsync(other) > decoded + 50, Patience, $"{viewer.Name} goes on seeing user {other}");
    }
}
