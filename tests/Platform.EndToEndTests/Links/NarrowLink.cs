using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Platform.EndToEndTests.Links;

/// <summary>
/// A way between a browser and a media node that carries less than this machine's network, or loses packets: a relay for UDP that a page takes for the node. It needs no
/// privileges, limits one connection only, and ICE, DTLS and SRTP go through it as through a router.
/// </summary>
internal sealed class NarrowLink : IAsyncDisposable
{
    private readonly LinkQuality _quality;
    private readonly Socket _clientSide;
    private readonly Socket _nodeSide;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _work;

    /// <summary>The page sends from one address only: there is one candidate to talk to.</summary>
    private EndPoint? _client;

    public NarrowLink(IPEndPoint node, LinkQuality quality)
    {
        _quality = quality;
        _clientSide = new(node.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _clientSide.Bind(new IPEndPoint(node.Address, 0));
        _nodeSide = new(node.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _nodeSide.Connect(node);
        var (toNode, toClient) = (new Shaper(new Random(1)), new Shaper(new Random(2)));
        _work = Task.WhenAll(
            FromClientAsync(toNode),
            FromNodeAsync(toClient),
            toNode.SendAsync(datagram => _nodeSide.SendAsync(datagram, _stopping.Token), _stopping.Token),
            toClient.SendAsync(datagram => _clientSide.SendToAsync(datagram, _client!, _stopping.Token), _stopping.Token));
    }

    /// <summary>Where the page believes the node to be.</summary>
    public int Port => ((IPEndPoint)_clientSide.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await _work;
        }
        catch (OperationCanceledException)
        {
            // As told; anything else that ended it belongs into the test's result.
        }
        _clientSide.Dispose();
        _nodeSide.Dispose();
        _stopping.Dispose();
    }

    private async Task FromClientAsync(Shaper shaper)
    {
        var buffer = new byte[ushort.MaxValue];
        while (true)
        {
            var received = await _clientSide.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopping.Token);
            _client = received.RemoteEndPoint;
            shaper.Take(buffer.AsSpan(0, received.ReceivedBytes), _quality);
        }
    }

    private async Task FromNodeAsync(Shaper shaper)
    {
        var buffer = new byte[ushort.MaxValue];
        while (true)
            shaper.Take(buffer.AsSpan(0, await _nodeSide.ReceiveAsync(buffer, _stopping.Token)), _quality);
    }

    /// <summary>One direction: the datagrams leave one after the other, at the link's rate.</summary>
    private sealed class Shaper(Random random)
    {
        /// <summary>What does not leave within this is dropped, as by a home router.</summary>
        private static readonly TimeSpan MaximumWait = TimeSpan.FromMilliseconds(300);

        /// <summary>Datagrams: more than what 300 ms of the fastest link hold.</summary>
        private const int MaximumQueued = 4096;

        private readonly Channel<(byte[] Datagram, TimeSpan Due)> _queue = Channel.CreateBounded<(byte[], TimeSpan)>(MaximumQueued);
        private readonly Stopwatch _clock = Stopwatch.StartNew();
        private TimeSpan _free;

        public void Take(ReadOnlySpan<byte> datagram, LinkQuality quality)
        {
            if (random.NextDouble() < quality.Loss)
                return;
            var now = _clock.Elapsed;
            var due = (_free > now ? _free : now) + TimeSpan.FromSeconds(datagram.Length * 8.0 / quality.BitsPerSecond);
            if (due - now <= MaximumWait && _queue.Writer.TryWrite((datagram.ToArray(), due)))
                _free = due;
        }

        public async Task SendAsync(Func<ReadOnlyMemory<byte>, ValueTask<int>> send, CancellationToken cancellation)
        {
            await foreach (var (datagram, due) in _queue.Reader.ReadAllAsync(cancellation))
            {
                if (due - _clock.Elapsed is { Ticks: > 0 } wait)
                    await Task.Delay(wait, cancellation);
                await send(datagram);
            }
        }
    }
}

/// <param name="BitsPerSecond">Most that it carries, in each direction.</param>
/// <param name="Loss">Share of the datagrams that it loses, from 0 to 1.</param>
internal sealed record LinkQuality(long BitsPerSecond, double Loss)
{
    /// <summary>Carries everything.</summary>
    public static readonly LinkQuality Wide = new(100_000_000, 0);

    public static LinkQuality Of(long bitsPerSecond) => Wide with { BitsPerSecond = bitsPerSecond };

    public static LinkQuality Losing(double loss) => Wide with { Loss = loss };
}
