using System.Net;
using System.Net.Sockets;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Time;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

/// <summary>Connections that come and go, and those that mean no good.</summary>
public sealed class StreamPortTests : IDisposable
{
    private static readonly byte[] Check = [0, 4, 0, 1, 42, 43];

    private readonly LinuxDatagramPort _port = LinuxDatagramPort.Open(new(IPAddress.IPv6Any, 0), takesStreams: true);
    private readonly List<Socket> _clients = [];
    private Instant _now = Instant.FromSeconds(100);

    private StreamPort Streams => _port.Streams!;

    public void Dispose()
    {
        _clients.ForEach(client => client.Dispose());
        _port.Dispose();
    }

    [Fact]
    public async Task Datagrams_arrive_with_the_connections_address_and_answers_go_back()
    {
        var client = await ConnectAsync();
        client.Send([.. Check, .. Check]);

        var received = new List<(string Bytes, TransportAddress Source)>();
        await Eventually.BecomesTrue(() =>
        {
            received.AddRange(Receive());
            return received.Count == 2;
        });
        var address = TransportAddress.From((IPEndPoint)client.LocalEndPoint!).Over(TransportProtocol.Tcp);
        Assert.All(received, datagram => Assert.Equal(("00012A2B", address), datagram));
        Send(address, [1, 2, 3]);

        Assert.Equal([0, 3, 1, 2, 3], await ReadAsync(client, 5));
    }

    [Fact]
    public async Task Connection_that_is_never_answered_is_closed_after_seconds_and_an_answered_one_stays()
    {
        var stranger = await ConnectAsync();
        var friend = await ConnectAsync();
        await Eventually.BecomesTrue(() => Connections() == 2);
        Send(TransportAddress.From((IPEndPoint)friend.LocalEndPoint!).Over(TransportProtocol.Tcp), [1]);

        _now += StreamPort.ProofTimeout - TimeSpan.FromSeconds(1);
        Assert.Equal(2, Connections());
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(1, Connections());

        await ClosesAsync(stranger);
        Assert.False(Streams.TryTakeLost(out _));
        Assert.Equal(1, Streams.Drops[StreamDrop.Unproven]);
        _now += StreamPort.IdleTimeout;
        Assert.Equal(0, Connections());
        Assert.True(Streams.TryTakeLost(out _));
        Assert.Equal(1, Streams.Drops[StreamDrop.Idle]);
    }

    [Theory]
    [InlineData(new byte[] { 0x08, 0x01 }, nameof(StreamDrop.FrameTooLong))] // 2049 bytes announced
    [InlineData(new byte[] { 0, 2, 0x80, 96 }, nameof(StreamDrop.NotACheck))] // media before any check
    [InlineData(new byte[] { 0x16, 3, 1, 2, 0 }, nameof(StreamDrop.FrameTooLong))] // a TLS client hello
    [InlineData(new byte[] { (byte)'G', (byte)'E', (byte)'T', (byte)' ' }, nameof(StreamDrop.FrameTooLong))]
    public async Task What_is_not_ice_is_closed_at_once_and_counted(byte[] bytes, string reason)
    {
        var client = await ConnectAsync();
        await Eventually.BecomesTrue(() => Connections() == 1);

        client.Send(bytes);

        await Eventually.BecomesTrue(() => Connections() == 0);
        await ClosesAsync(client);
        Assert.Equal([reason], StreamDrops.Reasons.Where(counted => Streams.Drops[counted] > 0).Select(counted => counted.ToString()));
    }

    [Fact]
    public void Port_that_somebody_has_for_tcp_is_used_for_udp_alone()
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Any, 0));
        other.Listen();
        var taken = ((IPEndPoint)other.LocalEndPoint!).Port;

        using var port = LinuxDatagramPort.Open(new(IPAddress.IPv6Any, taken), takesStreams: true);

        Assert.Equal(taken, port.LocalPort);
        Assert.Null(port.Streams);
    }

    [Fact]
    public async Task One_origin_has_a_limit()
    {
        for (var i = 0; i < StreamPort.MaximumPerOrigin; i++)
            await ConnectAsync();
        await Eventually.BecomesTrue(() => Connections() == StreamPort.MaximumPerOrigin);

        var refused = await ConnectAsync();
        var closing = ClosesAsync(refused);
        await Eventually.BecomesTrue(() =>
        {
            Connections();
            return closing.IsCompleted;
        });

        await closing;
        Assert.Equal(StreamPort.MaximumPerOrigin, Connections());
        Assert.Equal(1, Streams.Drops[StreamDrop.TooManyOfOrigin]);
    }

    [Fact]
    public async Task Flood_of_tiny_frames_comes_in_batches_and_all_of_it()
    {
        var client = await ConnectAsync();
        for (var i = 0; i < 1000; i++)
            client.Send([0, 2, 0, 1, 0, 2, 1, 0]);

        var received = 0;
        await Eventually.BecomesTrue(() =>
        {
            var count = Streams.Receive(_now);
            Assert.InRange(count, 0, 64);
            received += count;
            return received == 2000;
        });
    }

    [Fact]
    public async Task Lost_connection_is_told_once_and_sending_to_it_is_counted()
    {
        var client = await ConnectAsync();
        await Eventually.BecomesTrue(() => Connections() == 1);
        var address = TransportAddress.From((IPEndPoint)client.LocalEndPoint!).Over(TransportProtocol.Tcp);
        Send(address, [1]);

        client.Dispose();
        await Eventually.BecomesTrue(() => Connections() == 0);

        Assert.True(Streams.TryTakeLost(out var lost));
        Assert.Equal(address, lost);
        Assert.False(Streams.TryTakeLost(out _));
        Send(address, [1]);
        Assert.Equal(1, _port.SendFailures[SendFailure.Unreachable]);
    }

    [Fact]
    public async Task Checks_reach_a_client_that_reads_slowly_though_media_does_not()
    {
        var client = await ConnectAsync();
        await Eventually.BecomesTrue(() => Connections() == 1);
        var address = TransportAddress.From((IPEndPoint)client.LocalEndPoint!).Over(TransportProtocol.Tcp);
        byte[] media = [0x80, 96, .. new byte[1200]];
        byte[] answer = [1, 1, .. Enumerable.Range(0, 60).Select(i => (byte)i)];
        while (_port.SendFailures[SendFailure.SlowReader] == 0)
            Send(address, media);

        Send(address, answer);

        var reader = new StreamFrameReader();
        var isThere = false;
        await Eventually.BecomesTrue(() =>
        {
            Connections();
            while (client.Available > 0)
            {
                reader.Advance(client.Receive(reader.Receive()));
                while (reader.TryRead(out var frame))
                    isThere |= reader.Frame(frame).SequenceEqual(answer);
            }
            Assert.False(reader.IsBroken);
            return isThere;
        });
    }

    private async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _clients.Add(client);
        await client.ConnectAsync(IPAddress.Loopback, _port.LocalPort, TestContext.Current.CancellationToken);
        return client;
    }

    private int Connections()
    {
        Receive();
        return Streams.ConnectionCount;
    }

    private List<(string Bytes, TransportAddress Source)> Receive()
    {
        _port.Wait(TimeSpan.FromMilliseconds(1));
        var datagrams = new List<(string, TransportAddress)>();
        var count = Streams.Receive(_now);
        for (var i = 0; i < count; i++)
            datagrams.Add((Convert.ToHexString(Streams.Datagram(i, out var source)), source));
        return datagrams;
    }

    private void Send(in TransportAddress destination, byte[] datagram)
    {
        var batch = new TransmitBatch(_port, 4096);
        datagram.CopyTo(batch.Reserve());
        batch.Commit(datagram.Length, destination);
        batch.Flush();
    }

    private static async Task<byte[]> ReadAsync(Socket client, int count)
    {
        var bytes = new byte[count];
        await using var stream = new NetworkStream(client);
        await stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return bytes;
    }

    private static async Task ClosesAsync(Socket client)
    {
        try
        {
            Assert.Equal(0, await client.ReceiveAsync(new byte[1], TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(15)));
        }
        catch (SocketException problem)
        {
            Assert.Equal(SocketError.ConnectionReset, problem.SocketErrorCode);
        }
    }
}
