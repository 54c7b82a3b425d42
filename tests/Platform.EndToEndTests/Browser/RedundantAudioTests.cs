using Platform.Testing;

namespace Platform.EndToEndTests.Browser;

/// <summary>A page that prefers to send redundant audio (RED, RFC 2198), one that takes it and one that does not.</summary>
public sealed class RedundantAudioTests(RunningPlatform platform, Chromium chromium)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Of what is played, in any one window; the browsers share their processors with everything else here.</summary>
    private const double MaximumConcealed = 0.1;

    /// <summary>Samples at 48 kHz: three seconds.</summary>
    private const double Window = 3 * 48_000;

    /// <summary>Chromium offers Opus before RED of its own accord, and then sends plain Opus.</summary>
    private const string PreferRed = """
        const add = RTCPeerConnection.prototype.addTransceiver;
        RTCPeerConnection.prototype.addTransceiver = function (kind, ...rest) {
          const transceiver = add.call(this, kind, ...rest);
          if (kind === 'audio') {
            const { codecs } = RTCRtpSender.getCapabilities('audio');
            const isRed = (codec) => codec.mimeType === 'audio/red';
            transceiver.setCodecPreferences([...codecs.filter(isRed), ...codecs.filter((codec) => !isRed(codec))]);
          }
          return transceiver;
        };
        """;

    /// <summary>As a browser that never heard of RED reads the node's offer, and answers it.</summary>
    private const string IgnoreRed = """
        window.offersOfRed = 0;
        const set = RTCPeerConnection.prototype.setRemoteDescription;
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
          const types = [...sdp.matchAll(/^a=rtpmap:(\d+) red\/48000/gim)].map((match) => match[1]);
          if (type === 'offer') window.offersOfRed += types.length;
          const lines = sdp.split('\r\n').filter((line) => !types.some((payload) => new RegExp(`^a=(rtpmap|fmtp|rtcp-fb):${payload} `).test(line)));
          const without = (line) => line.split(' ').filter((part, index) => index < 3 || !types.includes(part)).join(' ');
          return set.call(this, { type, sdp: lines.map((line) => (line.startsWith('m=audio ') ? without(line) : line)).join('\r\n') });
        };
        """;

    private const string Audio = """
        async (userId) => {
          const stats = [...(await window.call.peerConnections[userId].getStats()).values()];
          const stream = stats.find((entry) => entry.type === 'inbound-rtp' && entry.kind === 'audio');
          const { totalSamplesReceived = 0, concealedSamples = 0, packetsReceived = 0, packetsDiscarded = 0, bytesReceived = 0 } = stream ?? {};
          return { totalSamplesReceived, concealedSamples, packetsReceived, packetsDiscarded, bytesPerPacket: bytesReceived / Math.max(1, packetsReceived) };
        }
        """;

    /// <summary>The codec that the node's answer to the publisher puts first.</summary>
    private const string FirstOfAnswer = """
        (userId) => {
          const sdp = window.call?.peerConnections[userId]?.remoteDescription?.sdp;
          if (!sdp) return '';
          const [, first] = /^m=audio \d+ \S+ (\d+)/m.exec(sdp);
          return new RegExp(`^a=rtpmap:${first} (.*)`, 'm').exec(sdp)[1];
        }
        """;

    [Fact]
    public async Task Redundant_audio_goes_to_who_takes_it_and_plain_opus_to_who_does_not()
    {
        await using var ann = await chromium.NewParticipantAsync(platform, "Ann");
        await using var bob = await chromium.NewParticipantAsync(platform, "Bob");
        await using var cem = await chromium.NewParticipantAsync(platform, "Cem");
        await ann.Page.AddInitScriptAsync(PreferRed);
        await cem.Page.AddInitScriptAsync(IgnoreRed);
        foreach (var person in new[] { ann, bob, cem })
            await person.OpenHomeAsync();
        var annId = await ann.UserIdAsync();
        var link = await ann.StartMeetingAsync();
        await bob.JoinAsync(link);
        await cem.JoinAsync(link);
        await bob.ShowDiagnosticsAsync();
        await cem.ShowDiagnosticsAsync();

        // Chromium names the codec within RED in its statistics of what it sends; what it was told to prefer is in the answer.
        await Eventually.BecomesTrue(
            async () => (await ann.Page.EvaluateAsync<string>(FirstOfAnswer, annId)).StartsWith("red/", StringComparison.OrdinalIgnoreCase), Patience, "Ann is answered with RED first");
        await HearsWellAsync(bob, annId);
        await HearsWellAsync(cem, annId);
        // Chromium names the codec within, here too, and counts copies of frames that it has as discarded packets. With them a packet is twice as large.
        var (redundant, plain) = (await AudioAsync(bob, annId), await AudioAsync(cem, annId));
        Assert.InRange(redundant.PacketsDiscarded, redundant.PacketsReceived * 0.7, redundant.PacketsReceived * 1.3);
        Assert.InRange(plain.PacketsDiscarded, 0, plain.PacketsReceived * 0.2);
        Assert.InRange(redundant.BytesPerPacket / plain.BytesPerPacket, 1.5, 3);
        Assert.True(await cem.Page.EvaluateAsync<int>("window.offersOfRed") > 0, "the node offered RED");
    }

    /// <summary>A tone, and whole: hardly anything is made up by the browser because it did not come.</summary>
    private static async Task HearsWellAsync(ParticipantPage person, long other)
    {
        await Eventually.BecomesTrue(async () => await person.AudioLevelAsync(other) > 0.001, Patience, $"{person.Name} hears user {other}");
        var begin = await AudioAsync(person, other);
        await Eventually.BecomesTrue(
            async () =>
            {
                var now = await AudioAsync(person, other);
                var played = now.TotalSamplesReceived - begin.TotalSamplesReceived;
                if (played < Window)
                    return false;
                var concealed = now.ConcealedSamples - begin.ConcealedSamples;
                begin = now;
                return concealed < MaximumConcealed * played;
            },
            Patience,
            $"{person.Name} hears user {other} without gaps");
    }

    private static Task<AudioFigures> AudioAsync(ParticipantPage person, long of) => person.Page.EvaluateAsync<AudioFigures>(Audio, of);

    private sealed record AudioFigures
    {
        public double TotalSamplesReceived { get; init; }

        public double ConcealedSamples { get; init; }

        public double PacketsReceived { get; init; }

        public double PacketsDiscarded { get; init; }

        public double BytesPerPacket { get; init; }
    }
}
