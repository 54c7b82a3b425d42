using System.Globalization;
using Platform.EndToEndTests.Links;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>A call over links that lose packets: what Chromium says about the ways in which it and the node mend that.</summary>
public sealed class LossTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Of all datagrams, in each direction: what people have on a poor wireless network.</summary>
    private const double Loss = 0.02;

    /// <summary>One figure, summed over the video streams of the page's connections.</summary>
    private const string VideoFigure = """
        async ([type, name]) => {
          let sum = 0;
          for (const connection of window.peerConnections)
            for (const entry of (await connection.getStats()).values())
              if (entry.type === type && entry.kind === 'video') sum += entry[name] ?? 0;
          return String(sum);
        }
        """;

    /// <summary>What the publishing connection believes that it may send, in bit/s.</summary>
    private const string OutgoingEstimate = """
        async () => {
          const [publisher] = window.peerConnections.filter((connection) => connection.getSenders().some((sender) => sender.track));
          const pairs = [...(await publisher.getStats()).values()].filter((entry) => entry.type === 'candidate-pair' && entry.nominated);
          return String(Math.max(0, ...pairs.map((pair) => pair.availableOutgoingBitrate ?? 0)));
        }
        """;

    /// <summary>For each description of a connection whether transport-wide feedback was agreed on.</summary>
    private const string AgreedFeedback = """
        () => window.peerConnections
          .flatMap((connection) => [connection.localDescription, connection.remoteDescription])
          .map((description) => description.sdp.includes(' transport-cc\r\n') && description.sdp.includes('transport-wide-cc-extensions'))
        """;

    [Fact]
    public async Task Lost_packets_come_again_by_rtx_and_both_see_and_hear_each_other()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        var losing = LinkQuality.Losing(Loss);
        await using var annLinks = await PageLinks.InstallAsync(ann.Page, losing, losing);
        await using var bobLinks = await PageLinks.InstallAsync(bob.Page, losing, losing);
        await ann.OpenHomeAsync();
        await bob.OpenHomeAsync();
        var (annId, bobId) = (await ann.UserIdAsync(), await bob.UserIdAsync());

        await bob.JoinAsync(await ann.StartMeetingAsync());
        await ann.ShowDiagnosticsAsync();
        await bob.ShowDiagnosticsAsync();

        await SeesAndHears(ann, bobId);
        await SeesAndHears(bob, annId);
        foreach (var person in new[] { ann, bob })
            await MendsAsync(person);
    }

    private static async Task MendsAsync(ParticipantPage person)
    {
        // From the browser to the node: NACKs of the node, answered on the source of retransmissions.
        await Grows(person, "outbound-rtp", "nackCount");
        await Grows(person, "outbound-rtp", "retransmittedPacketsSent");
        Assert.NotEqual(0, await FigureAsync(person, "outbound-rtp", "rtxSsrc"));
        // From the node to the browser; what it counts came on the source of retransmissions, for a packet sent again as it was would not be told from one that is late.
        await Grows(person, "inbound-rtp", "nackCount");
        await Grows(person, "inbound-rtp", "retransmittedPacketsReceived");
        Assert.NotEqual(0, await FigureAsync(person, "inbound-rtp", "rtxSsrc"));

        var agreed = await person.Page.EvaluateAsync<bool[]>(AgreedFeedback);
        Assert.Equal([true, true, true, true], agreed);
        // Chromium begins with 300 kbit/s, and goes higher only when feedback says that packets arrive.
        await Eventually.BecomesTrue(
            async () => Number(await person.Page.EvaluateAsync<string>(OutgoingEstimate)) > 400_000, Patience, $"{person.Name}'s browser raises its estimate by the node's feedback");
    }

    private static Task Grows(ParticipantPage person, string type, string figure) =>
        Eventually.BecomesTrue(async () => await FigureAsync(person, type, figure) > 0, Patience, $"{person.Name}'s browser counts {figure} of {type}");

    private static async Task<double> FigureAsync(ParticipantPage person, string type, string figure) =>
        Number(await person.Page.EvaluateAsync<string>(VideoFigure, new[] { type, figure }));

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static async Task SeesAndHears(ParticipantPage viewer, long other)
    {
        await Eventually.BecomesTrue(
            async () => await viewer.FramesDecodedAsync(other) > 100, Patience, $"{viewer.Name} decodes more than 100 frames of user {other}");
        await Eventually.BecomesTrue(
            async () => await viewer.AudioLevelAsync(other) > 0.001, Patience, $"{viewer.Name} hears user {other}");
    }
}
