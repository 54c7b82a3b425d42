using System.Net.Sockets;
using MediaNode.Core.Sdp;
using MediaNode.IntegrationTests.Fixtures;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

/// <summary>Calls at a whole node over every kind of path, with real sockets.</summary>
public sealed class PathTests
{
    private static readonly string[] Loopbacks = ["Node:AdvertisedAddresses:0=127.0.0.1", "Node:AdvertisedAddresses:1=::1"];

    [Theory]
    [InlineData("udp4", "udp6")]
    [InlineData("udp6", "udp4")]
    [InlineData("tcp4", "udp4")]
    [InlineData("udp6", "tcp6")]
    [InlineData("tcp6", "tcp4")]
    public async Task Media_flows_whole_between_paths_of_any_kind_on_one_port(string publisher, string subscriber)
    {
        Assert.SkipWhen(!Socket.OSSupportsIPv6, "no IPv6 on this machine");
        await using var node = await RunningNode.StartAsync(Loopbacks);
        using var call = await SocketCall.StartAsync(node, publisher);
        var watcher = await call.WatchAsync(2, subscriber);

        call.Hears(watcher);

        var numbers = call.AudioOf(watcher);
        Assert.Equal(numbers.Count, numbers.Max() - numbers.Min() + 1);
        Assert.Equal(0, watcher.Rtc.BadPackets);
        Assert.Equal(0, node.Worker.SendFailures.Total);
    }

    [Theory]
    [InlineData("::1", "udp6", "tcp6")]
    [InlineData("127.0.0.1", "udp4", "tcp4")]
    [InlineData("::", "udp6", "udp4")]
    public async Task Node_of_one_family_or_of_both_is_joined_by_all_that_it_has(string listening, string publisher, string subscriber)
    {
        Assert.SkipWhen(!Socket.OSSupportsIPv6, "no IPv6 on this machine");
        string[] advertised = listening == "::" ? Loopbacks : [];
        await using var node = await RunningNode.StartAsync([$"Node:ListenAddress={listening}", .. advertised]);
        using var call = await SocketCall.StartAsync(node, publisher);
        var watcher = await call.WatchAsync(2, subscriber);

        call.Hears(watcher);

        var families = (await OfferedCandidatesAsync(node)).Select(candidate => candidate.EndPoint!.AddressFamily).Distinct();
        Assert.Equal(listening == "::" ? 2 : 1, families.Count());
        Assert.Equal(0, node.Worker.SendFailures.Total);
    }

    /// <summary>The system would answer from 127.0.0.1 and from the first IPv6 address, whichever was asked.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("0.0.0.0")]
    public async Task Every_candidate_of_a_node_with_several_addresses_carries_media(string listening)
    {
        await using var node = await RunningNode.StartAsync(
            $"Node:ListenAddress={listening}", "Node:AdvertisedAddresses:0=127.0.0.1", "Node:AdvertisedAddresses:1=127.0.0.2", "Node:AdvertisedAddresses:2=127.0.0.3");
        using var call = await SocketCall.StartAsync(node, "udp4 127.0.0.2");
        var first = await call.WatchAsync(2, "udp4");
        var second = await call.WatchAsync(3, "udp4 127.0.0.3");

        call.Hears(first);
        call.Hears(second);

        Assert.Equal(0, node.Worker.SendFailures.Total);
    }

    [Theory]
    [InlineData("udp4")]
    [InlineData("tcp4")]
    public async Task Call_goes_on_from_another_port_within_a_second_of_its_check(string path)
    {
        await using var node = await RunningNode.StartAsync(Loopbacks);
        using var call = await SocketCall.StartAsync(node, "udp4");
        var watcher = await call.WatchAsync(2, path);
        call.Hears(watcher);

        watcher.Reconnect();
        watcher.Rtc.CheckNow(default);
        var sent = call.AudioPacketsSent;
        call.Hears(watcher, packets: 1);

        // 50 packets a second.
        Assert.InRange(call.AudioPacketsSent - sent, 0, 50);
        call.Hears(watcher);
    }

    [Fact]
    public async Task Tcp_client_that_does_not_read_loses_media_and_disturbs_nobody()
    {
        await using var node = await RunningNode.StartAsync(Loopbacks);
        using var call = await SocketCall.StartAsync(node, "udp4");
        var slow = await call.WatchAsync(2, "tcp4");
        var other = await call.WatchAsync(3, "udp4");
        call.Hears(slow);
        call.VideoPackets = 60;

        slow.IsReading = false;
        call.RunUntil(() => node.Worker.SendFailures[SendFailure.SlowReader] > 100, "media to the slow client is dropped");
        call.VideoPackets = 2;
        var before = call.AudioOf(other).Count;
        var sent = call.AudioPacketsSent;
        call.Hears(other);
        Assert.InRange(call.AudioOf(other).Count - before, call.AudioPacketsSent - sent - 5, call.AudioPacketsSent - sent + 5);
        slow.IsReading = true;

        call.Hears(slow);
        Assert.True(slow.Rtc.IsConnected);
        Assert.Equal(0, slow.Rtc.BadPackets);
    }

    [Fact]
    public async Task Candidates_name_each_address_once_for_udp_and_then_for_tcp()
    {
        await using var node = await RunningNode.StartAsync(
            "Node:AdvertisedAddresses:0=203.0.113.5:30000", "Node:AdvertisedAddresses:1=2001:db8::5", "Node:AdvertisedAddresses:2=203.0.113.5:30000");

        var candidates = await OfferedCandidatesAsync(node);

        Assert.Equal(
            [("udp", "203.0.113.5", 30000), ("udp", "2001:db8::5", node.Worker.LocalPort), ("tcp", "203.0.113.5", 30000), ("tcp", "2001:db8::5", node.Worker.LocalPort)],
            candidates.Select(candidate => (candidate.Transport, candidate.Address, candidate.Port)));
        Assert.Equal(candidates.OrderByDescending(candidate => candidate.Priority), candidates);
        Assert.Equal(4, candidates.Select(candidate => candidate.Foundation).Distinct().Count());
        Assert.All(candidates.Skip(2), candidate => Assert.Equal("passive", candidate.TcpType));
    }

    [Fact]
    public async Task Node_without_tcp_offers_none_and_refuses_connections()
    {
        await using var node = await RunningNode.StartAsync("Node:Tcp=false", "Node:AdvertisedAddresses:0=127.0.0.1");

        Assert.DoesNotContain(await OfferedCandidatesAsync(node), candidate => candidate.Transport == "tcp");
        using var client = new TcpClient();
        var refused = await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", node.Worker.LocalPort, TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
    }

    [Fact]
    public async Task Unusable_advertised_address_stops_the_node_with_its_name()
    {
        var problem = await Assert.ThrowsAnyAsync<Exception>(() => RunningNode.StartAsync("Node:AdvertisedAddresses:0=fe80::1"));

        Assert.Contains("fe80::1", problem.Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<IceCandidate>> OfferedCandidatesAsync(RunningNode node)
    {
        using var client = new OfferingClient();
        await node.JoinAsync(1);
        var published = await node.InvokeAsync((engine, now) => engine.Publish(RunningNode.RoomId, 1, 1, 1, client.Offer, 0, now));
        Assert.True(SessionDescription.TryParse(published.SdpAnswer, out var answer, out _));
        return answer.Media[0].Candidates;
    }
}
