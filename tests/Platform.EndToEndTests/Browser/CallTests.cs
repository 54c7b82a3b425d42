using Platform.EndToEndTests.Calls;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>People meeting by the page, with real media between real browsers.</summary>
public sealed class CallTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Three_people_meet_see_and_hear_each_other_and_part()
    {
        await using var ballast = await CallRoom.OpenAsync(platform);
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await using var cem = await chromium.NewParticipantAsync(platform, "Cem");
        await ann.OpenHomeAsync();
        await bob.OpenHomeAsync();
        await cem.OpenHomeAsync();
        var (annId, bobId, cemId) = (await ann.UserIdAsync(), await bob.UserIdAsync(), await cem.UserIdAsync());

        var link = await ann.StartMeetingAsync();
        await ballast.WeighDownAsync(await InstanceOfAsync(annId));
        await bob.JoinAsync(link);
        await ann.ShowDiagnosticsAsync();
        await bob.ShowDiagnosticsAsync();
        await SeesAndHears(ann, bobId);
        await SeesAndHears(bob, annId);
        // The signalling of the two goes by different instances.
        Assert.Equal(JoinLog.Instances, new[] { await InstanceOfAsync(annId), await InstanceOfAsync(bobId) }.Order());

        await bob.Element("toggle-microphone").ClickAsync();
        await Shows(ann, bobId, "data-muted", "true");
        await bob.Element("toggle-microphone").ClickAsync();
        await Shows(ann, bobId, "data-muted", "false");

        await bob.Element("toggle-camera").ClickAsync();
        await Shows(ann, bobId, "data-camera", "off");
        await bob.Element("toggle-camera").ClickAsync();
        await Shows(ann, bobId, "data-camera", "on");

        await bob.Element("toggle-screen").ClickAsync();
        await Shows(ann, bobId, "data-screen", "on");
        await bob.Element("toggle-screen").ClickAsync();
        await Shows(ann, bobId, "data-screen", "off");

        await cem.StartMeetingAsync();
        await ann.InviteAsync(cemId);
        await cem.Element("call-reject").ClickAsync();
        await Notices(ann, $"User {cemId} rejected the call (busy)");
        await cem.Element("leave").ClickAsync();

        await ann.InviteAsync(cemId);
        await cem.Element("call-accept").ClickAsync();
        await cem.Element("prejoin-join").ClickAsync();
        await cem.Element("leave").WaitForAsync();
        await cem.ShowDiagnosticsAsync();
        await SeesAndHears(cem, annId);
        await SeesAndHears(cem, bobId);
        await SeesAndHears(ann, cemId);

        await bob.Element("leave").ClickAsync();
        await Eventually.BecomesTrue(async () => await ann.Tile(bobId).CountAsync() == 0, Patience, "Bob's tile goes when he leaves");

        await ann.Element("end-call").ClickAsync();
        await cem.Element("call-ended").WaitForAsync();
    }

    private static async Task SeesAndHears(ParticipantPage viewer, long other)
    {
        await Eventually.BecomesTrue(
            async () => await viewer.FramesDecodedAsync(other) > 100, Patience, $"{viewer.Name} decodes more than 100 frames of user {other}");
        await Eventually.BecomesTrue(
            async () => await viewer.AudioLevelAsync(other) > 0.001, Patience, $"{viewer.Name} hears user {other}");
    }

    private static Task Shows(ParticipantPage viewer, long other, string attribute, string value) =>
        Eventually.BecomesTrue(
            async () => await viewer.TileStateAsync(other, attribute) == value, Patience, $"{viewer.Name} sees {attribute}={value} of user {other}");

    private static Task Notices(ParticipantPage viewer, string text) =>
        Eventually.BecomesTrue(
            async () => (await viewer.Element("notice").AllInnerTextsAsync()).Any(notice => notice.Contains(text, StringComparison.Ordinal)),
            Patience,
            $"{viewer.Name} is told about {text}");

    private async Task<string> InstanceOfAsync(long user)
    {
        await Eventually.BecomesTrue(() => platform.JoinsOf((ulong)user).Count > 0, Patience, $"the join of user {user} is in an instance's log");
        return platform.JoinsOf((ulong)user).Select(join => join.Instance).Distinct().Single();
    }
}
