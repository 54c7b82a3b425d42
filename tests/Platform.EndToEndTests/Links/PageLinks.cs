using System.Collections.Concurrent;
using System.Net;
using Microsoft.Playwright;

namespace Platform.EndToEndTests.Links;

/// <summary>Puts a link of its own between each PeerConnection of a page and the media node.</summary>
internal sealed class PageLinks : IAsyncDisposable
{
    /// <summary>The page gets to know the link instead of the node's candidates; its connections are kept, to be asked for what they measure.</summary>
    private const string Script = """
        window.peerConnections = [];
        const Original = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Original {
          constructor(...parameters) {
            super(...parameters);
            window.peerConnections.push(this);
          }
          async setRemoteDescription({ type, sdp }) {
            const lines = sdp.split('\r\n');
            const udp = /^a=candidate:\S+ \d+ udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) /i;
            const direct = lines.find((line) => udp.test(line));
            const [, address, port] = udp.exec(direct);
            this.link ??= openLink(address, Number(port));
            const linked = direct.replace(` ${address} ${port} `, ` ${address} ${await this.link} `);
            const kept = lines.filter((line) => line === direct || !line.startsWith('a=candidate:'));
            return super.setRemoteDescription({ type, sdp: kept.map((line) => (line === direct ? linked : line)).join('\r\n') });
          }
        };
        """;

    private readonly ConcurrentQueue<LinkQuality> _qualities;
    private readonly ConcurrentBag<NarrowLink> _links = [];

    private PageLinks(IEnumerable<LinkQuality> qualities) => _qualities = new(qualities);

    /// <param name="page">Before it goes anywhere.</param>
    /// <param name="qualities">For its connections, in the order in which they get a remote description; those beyond have a wide one.</param>
    public static async Task<PageLinks> InstallAsync(IPage page, params LinkQuality[] qualities)
    {
        var links = new PageLinks(qualities);
        await page.ExposeFunctionAsync<string, int, int>("openLink", links.Open);
        await page.AddInitScriptAsync(Script);
        return links;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync();
    }

    private int Open(string address, int port)
    {
        var link = new NarrowLink(new(IPAddress.Parse(address), port), _qualities.TryDequeue(out var quality) ? quality : LinkQuality.Wide);
        _links.Add(link);
        return link.Port;
    }
}
