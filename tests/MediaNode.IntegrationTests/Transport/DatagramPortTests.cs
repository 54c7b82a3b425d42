using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

/// <summary>The batched port of Linux and the plain one of everywhere behave alike.</summary>
public sealed class DatagramPortTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static TheoryData<bool, bool> Ports => new()
    {
        { true, false },
        { true, true },
        { false, false },
        { false, true },
    };

    [Theory]
    [MemberData(nameof(Ports))]
    public void Runs_to_several_destinations_arrive_whole_in_order_and_apart(bool batched, bool inet6)
    {
        using var port = Open(batched, inet6);
        var batch = new TransmitBatch(port);
        using var first = OpenReceiver();
        using var second = OpenReceiver();
        // Runs of one size with a shorter last, as video frames to two subscribers are; then a longer one behind a shorter.
        int[] lengths = [1200, 1200, 1200, 1200, 700, 1100, 1100, 30];
        for (var i = 0; i < lengths.Length; i++)
            Add(batch, first, i, lengths[i]);
        for (var i = 0; i < lengths.Length; i++)
            Add(batch, second, 100 + i, lengths[i]);

        batch.Flush();

        Assert.Equal(lengths.Select((length, i) => (i, length)), Receive(first, lengths.Length));
        Assert.Equal(lengths.Select((length, i) => (100 + i, length)), Receive(second, lengths.Length));
        Assert.Equal(0, port.SendFailures.Total);
    }

    [Theory]
    [MemberData(nameof(Ports))]
    public void Long_run_is_cut_where_the_system_would_refuse_it(bool batched, bool inet6)
    {
        using var port = Open(batched, inet6);
        var batch = new TransmitBatch(port);
        using var receiver = OpenReceiver();
        for (var i = 0; i < 200; i++)
            Add(batch, receiver, i, 1400);

        batch.Flush();

        Assert.Equal(Enumerable.Range(0, 200), Receive(receiver, 200).Select(datagram => datagram.Number));
        Assert.Equal(0, port.SendFailures.Total);
    }

    [Theory]
    [MemberData(nameof(Ports))]
    public void Datagrams_come_in_with_their_source(bool batched, bool inet6)
    {
        using var port = Open(batched, inet6);
        using var sender = OpenReceiver();
        for (byte i = 0; i < 100; i++)
            sender.SendTo([i, 1, 2, 3], new IPEndPoint(IPAddress.Loopback, port.LocalPort));

        var received = new List<byte>();
        var clock = Stopwatch.StartNew();
        while (received.Count < 100 && clock.Elapsed < Patience)
        {
            port.Wait(TimeSpan.FromMilliseconds(100));
            var count = port.Receive();
            for (var i = 0; i < count; i++)
            {
                var datagram = port.Datagram(i, out var source);
                Assert.Equal(TransportAddress.From((IPEndPoint)sender.LocalEndPoint!), source);
                Assert.Equal(4, datagram.Length);
                received.Add(datagram[0]);
            }
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), received);
        Assert.Equal(0, port.Receive());
    }

    [Theory]
    [MemberData(nameof(Ports))]
    public async Task Wake_ends_a_wait(bool batched, bool inet6)
    {
        using var port = Open(batched, inet6);
        var waiting = Task.Run(() => port.Wait(TimeSpan.FromMinutes(1)), TestContext.Current.CancellationToken);

        port.Wake();

        await waiting.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Ports))]
    public void Destinations_that_cannot_be_reached_take_nothing_from_the_others(bool batched, bool inet6)
    {
        using var port = Open(batched, inet6);
        var batch = new TransmitBatch(port);
        using var first = OpenReceiver();
        using var second = OpenReceiver();
        var gone = OpenReceiver();
        var closed = TransportAddress.From((IPEndPoint)gone.LocalEndPoint!);
        gone.Dispose();
        for (var round = 0; round < 20; round++)
        {
            Add(batch, first, round, 1000);
            // Answered by ICMP: port unreachable.
            Add(batch, closed, round, 1000);
            // Refused by the system: a socket must ask to be allowed to broadcast.
            Add(batch, TransportAddress.From(IPAddress.Broadcast, 9), round, 1000);
            Add(batch, second, round, 1000);
            batch.Flush();
        }

        Assert.Equal(Enumerable.Range(0, 20), Receive(first, 20).Select(datagram => datagram.Number));
        Assert.Equal(Enumerable.Range(0, 20), Receive(second, 20).Select(datagram => datagram.Number));
        Assert.Equal(20, port.SendFailures[SendFailure.Refused]);
        Assert.Equal(20, port.SendFailures.Total);
    }

    [Fact]
    public void Taken_port_is_an_error_that_names_it()
    {
        using var taken = Open(batched: true, inet6: false);

        Assert.Throws<SocketException>(() => new LinuxDatagramPort(new(IPAddress.Any, taken.LocalPort)));
    }

    private static IDatagramPort Open(bool batched, bool inet6)
    {
        Assert.SkipWhen(inet6 && !Socket.OSSupportsIPv6, "no IPv6 on this machine");
        var endPoint = new IPEndPoint(inet6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        return batched ? new LinuxDatagramPort(endPoint) : new SocketDatagramPort(endPoint);
    }

    private static Socket OpenReceiver()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static void Add(TransmitBatch batch, Socket receiver, int number, int length) =>
        Add(batch, TransportAddress.From((IPEndPoint)receiver.LocalEndPoint!), number, length);

    private static void Add(TransmitBatch batch, in TransportAddress destination, int number, int length)
    {
        var buffer = batch.Reserve();
        buffer[..length].Fill((byte)number);
        batch.Commit(length, destination);
    }

    private static List<(int Number, int Length)> Receive(Socket receiver, int count)
    {
        var received = new List<(int, int)>();
        var buffer = new byte[65_536];
        while (received.Count < count)
        {
            var length = receiver.Receive(buffer);
            Assert.Equal(-1, buffer.AsSpan(0, length).IndexOfAnyExcept(buffer[0]));
            received.Add((buffer[0], length));
        }
        return received;
    }
}
