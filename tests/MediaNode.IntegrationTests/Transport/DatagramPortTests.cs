using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
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
                Assert.Equal(TransportAddress.From((IPEndPoint)sender.LocalEndPoint!), source.ReachedFrom(0));
                Assert.Equal(4, datagram.Length);
                received.Add(datagram[0]);
            }
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), received);
        Assert.Equal(0, port.Receive());
    }

    /// <summary>A client takes an answer only from the candidate that it asked; routing alone would answer all of these from the first address.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Answer_leaves_from_the_address_that_was_asked(bool inet6, bool asksByInet6)
    {
        using var port = new LinuxDatagramPort(new(Inet(inet6), 0));
        var asked = asksByInet6 ? OwnInet6Address() : IPAddress.Parse("127.0.0.2");
        using var client = new Socket(asked.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)Patience.TotalMilliseconds };
        client.Bind(new IPEndPoint(asksByInet6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0));
        client.SendTo([1], new IPEndPoint(asked, port.LocalPort));
        client.SendTo([1], new IPEndPoint(asksByInet6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, port.LocalPort));
        var sources = Sources(port, count: 2);
        Assert.NotEqual(sources[0], sources[1]);
        Assert.Equal(sources[0].ToIPEndPoint(), sources[1].ToIPEndPoint());
        var batch = new TransmitBatch(port);

        // Alone, and as a run.
        foreach (var length in (int[])[500, 1200, 1200, 1200, 40])
            Add(batch, sources[0], length, length);
        batch.Flush();

        var buffer = new byte[2048];
        for (var i = 0; i < 5; i++)
        {
            EndPoint from = new IPEndPoint(Inet(asksByInet6), 0);
            client.ReceiveFrom(buffer, ref from);
            Assert.Equal(new IPEndPoint(asked, port.LocalPort), from);
        }
        Assert.Equal(0, port.SendFailures.Total);
    }

    /// <summary>A run of datagrams that are longer than the route's MTU is refused as a whole; alone they travel, in fragments.</summary>
    [Fact]
    public void Run_over_a_route_of_a_small_mtu_travels_datagram_by_datagram()
    {
        var narrow = IPAddress.Parse("127.81.0.1");
        var route = $"local {narrow}/32 dev lo table local mtu 1000";
        Assert.SkipUnless(Ip($"route add {route}"), "this process may not add routes");
        try
        {
            using var port = new LinuxDatagramPort(new(IPAddress.Any, 0));
            var batch = new TransmitBatch(port);
            using var far = OpenReceiver(narrow);
            using var near = OpenReceiver();
            for (var i = 0; i < 10; i++)
                Add(batch, far, i, 1200);
            for (var i = 0; i < 10; i++)
                Add(batch, near, i, 1200);

            batch.Flush();

            Assert.Equal(Enumerable.Range(0, 10).Select(i => (i, 1200)), Receive(far, 10));
            Assert.Equal(Enumerable.Range(0, 10).Select(i => (i, 1200)), Receive(near, 10));
            Assert.Equal(0, port.SendFailures.Total);
        }
        finally
        {
            Ip($"route del {route}");
        }
    }

    [Fact]
    public void Port_of_one_address_need_not_be_told_where_datagrams_come()
    {
        using var port = new LinuxDatagramPort(new(IPAddress.Loopback, 0));
        using var sender = OpenReceiver();
        sender.SendTo([1], new IPEndPoint(IPAddress.Loopback, port.LocalPort));

        Assert.Equal(0, Sources(port, count: 1).Single().Local);
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

    [Theory]
    [MemberData(nameof(Ports))]
    public void Backlog_is_what_came_and_was_not_taken(bool batched, bool inet6)
    {
        using var port = Open(batched, inet6);
        using var sender = OpenReceiver();
        Assert.Equal(0, port.Backlog);
        var to = new IPEndPoint(IPAddress.Loopback, port.LocalPort);
        for (var i = 0; i < 100; i++)
            sender.SendTo(new byte[1000], to);
        Assert.True(SpinWait.SpinUntil(() => !batched || port.Backlog > 0, Patience));
        Assert.InRange(port.Backlog, 0, 0.5);

        for (var taken = 0; taken < 100;)
        {
            port.Wait(Patience);
            taken += port.Receive();
        }

        Assert.Equal(0, port.Backlog, tolerance: 0.01);
    }

    private static IDatagramPort Open(bool batched, bool inet6)
    {
        Assert.SkipWhen(inet6 && !Socket.OSSupportsIPv6, "no IPv6 on this machine");
        var endPoint = new IPEndPoint(Inet(inet6), 0);
        return batched ? new LinuxDatagramPort(endPoint) : new SocketDatagramPort(endPoint);
    }

    private static IPAddress Inet(bool inet6) => inet6 ? IPAddress.IPv6Any : IPAddress.Any;

    private static IPAddress OwnInet6Address()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address))
            .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv6LinkLocal && !IPAddress.IsLoopback(address));
        Assert.SkipWhen(own is null, "this machine has no second IPv6 address");
        return own!;
    }

    private static List<TransportAddress> Sources(LinuxDatagramPort port, int count)
    {
        var sources = new List<TransportAddress>();
        for (var clock = Stopwatch.StartNew(); sources.Count < count && clock.Elapsed < Patience;)
        {
            port.Wait(TimeSpan.FromMilliseconds(100));
            for (var (i, received) = (0, port.Receive()); i < received; i++)
            {
                port.Datagram(i, out var source);
                sources.Add(source);
            }
        }
        return sources;
    }

    private static bool Ip(string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No such program.
            return false;
        }
    }

    private static Socket OpenReceiver() => OpenReceiver(IPAddress.Loopback);

    private static Socket OpenReceiver(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        socket.Bind(new IPEndPoint(address, 0));
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
