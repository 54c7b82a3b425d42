using Platform.EndToEndTests.Links;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>The web page sends its camera in three sizes: who gets which, and what becomes of those that nobody gets.</summary>
public sealed class PageSimulcastTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Between the smallest size with sound, some 150 kbit/s, and the next.</summary>
    private static readonly LinkQuality Narrow = LinkQuality.Of(bitsPerSecond: 250_000);

    /// <summary>Ids of the encodings that go out.</summary>
    private const string ActiveEncodings = """
        async () => {
          const connection = window.call.peerConnections[window.call.self.userId];
          const streams = [...(await connection.getStats()).values()].filter((entry) => entry.type === 'outbound-rtp' && entry.kind === 'video');
          return streams.filter((entry) => entry.active).map((entry) => entry.rid).sort().join(' ');
        }
        """;

    [Fact]
    public async Task Each_participant_gets_the_size_that_its_link_carries_and_what_nobody_gets_rests()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await using var carl = await chromium.NewParticipantAsync(platform, "Carl");
        await using var links = await PageLinks.InstallAsync(carl.Page, Narrow, Narrow, Narrow);
        foreach (var participant in new[] { ann, bob, carl })
            await participant.OpenHomeAsync();
        var (annId, bobId) = (await ann.UserIdAsync(), await bob.UserIdAsync());
        var link = await ann.StartMeetingAsync();
        await ann.ShowDiagnosticsAsync();
        await WatchAsync(bob, link);
        await WatchAsync(carl, link);

        await Eventually.BecomesTrue(
            async () => await bob.FrameWidthAsync(annId) is > 0 and var width && width == await ann.FrameWidthAsync(annId), Patience, "Bob gets Ann's whole picture");
        await Eventually.BecomesTrue(
            async () => await carl.FrameWidthAsync(annId) is > 0 and var width && width <= await ann.FrameWidthAsync(annId) / 4, Patience, "Carl gets a quarter of it");
        var seen = await carl.FramesDecodedAsync(annId);
        await Eventually.BecomesTrue(async () => await carl.FramesDecodedAsync(annId) > seen + 50, Patience, "Carl goes on seeing Ann");

        await bob.Element("leave").ClickAsync();
        await Eventually.BecomesTrue(async () => await carl.Tile(bobId).CountAsync() == 0, Patience, "Bob is gone");
        await Eventually.BecomesTrue(
            async () => !(await EncodingsOfAsync(ann)).Contains('f', StringComparison.Ordinal), Patience, "the whole picture, which nobody gets any more, rests");

        await bob.OpenHomeAsync();
        await WatchAsync(bob, link);
        await Eventually.BecomesTrue(
            async () => await EncodingsOfAsync(ann) == "f h q" && await bob.FrameWidthAsync(annId) is > 0 and var width && width == await ann.FrameWidthAsync(annId),
            Patience,
            "it goes out again, for Bob");
    }

    private static Task<string> EncodingsOfAsync(ParticipantPage participant) => participant.Page.EvaluateAsync<string>(ActiveEncodings);

    /// <summary>Without a camera of their own, so that the machine's cores are there for Ann's three sizes.</summary>
    private static async Task WatchAsync(ParticipantPage participant, string link)
    {
        await participant.JoinAsync(link);
        var id = await participant.Page.EvaluateAsync<long>("() => window.call.self.userId");
        await Eventually.BecomesTrue(async () => await participant.TileStateAsync(id, "data-camera") == "on", Patience, $"{participant.Name}'s camera is on");
        await participant.Element("toggle-camera").ClickAsync();
        await Eventually.BecomesTrue(async () => await participant.TileStateAsync(id, "data-camera") == "off", Patience, $"{participant.Name}'s camera is off");
        await participant.ShowDiagnosticsAsync();
    }
}
