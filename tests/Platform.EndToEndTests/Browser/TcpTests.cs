using System.Text.Json;
using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>A browser whose network lets no UDP through, as behind some companies' firewalls.</summary>
public sealed class TcpTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The page never learns of the candidates for UDP; its connections are kept to be asked which pair they use.</summary>
    private const string WithoutUdp = """
        window.peerConnections = [];
        const Original = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Original {
          constructor(...parameters) {
            super(...parameters);
            window.peerConnections.push(this);
          }
          setRemoteDescription(description) {
            const sdp = description.sdp.split('\r\n').filter(line => !/^a=candidate:\S+ \d+ udp /i.test(line)).join('\r\n');
            return super.setRemoteDescription({ type: description.type, sdp });
          }
        };
        """;

    private const string SelectedProtocols = """
        async () => {
          const protocols = [];
          for (const connection of window.peerConnections) {
            const stats = [...(await connection.getStats()).values()];
            for (const transport of stats.filter(entry => entry.type === 'transport' && entry.selectedCandidatePairId)) {
              const pair = stats.find(entry => entry.id === transport.selectedCandidatePairId);
              protocols.push(stats.find(entry => entry.id === pair.localCandidateId).protocol);
            }
          }
          return JSON.stringify(protocols);
        }
        """;

    [Fact]
    public async Task Call_over_tcp_has_picture_and_sound_both_ways()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await ann.Page.AddInitScriptAsync(WithoutUdp);
        await ann.OpenHomeAsync();
        await bob.OpenHomeAsync();
        var (annId, bobId) = (await ann.UserIdAsync(), await bob.UserIdAsync());

        await bob.JoinAsync(await ann.StartMeetingAsync());
        await ann.ShowDiagnosticsAsync();
        await bob.ShowDiagnosticsAsync();

        await SeesAndHears(ann, bobId);
        await SeesAndHears(bob, annId);
        var protocols = JsonSerializer.Deserialize<string[]>(await ann.Page.EvaluateAsync<string>(SelectedProtocols))!;
        Assert.Equal(["tcp", "tcp"], protocols);
    }

    private static async Task SeesAndHears(ParticipantPage viewer, long other)
    {
        await Eventually.BecomesTrue(
            async () => await viewer.FramesDecodedAsync(other) > 100, Patience, $"{viewer.Name} decodes more than 100 frames of user {other}");
        await Eventually.BecomesTrue(
            async () => await viewer.AudioLevelAsync(other) > 0.001, Patience, $"{viewer.Name} hears user {other}");
    }
}
