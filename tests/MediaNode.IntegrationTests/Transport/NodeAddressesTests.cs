using System.Net;
using System.Net.Sockets;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class NodeAddressesTests
{
    [Theory]
    [InlineData("127.0.0.1 ::1 192.0.2.1 169.254.7.7 fe80::1 2001:db8::1", AddressFamily.InterNetworkV6, "192.0.2.1 2001:db8::1")]
    [InlineData("127.0.0.1 ::1 192.0.2.1 2001:db8::1", AddressFamily.InterNetwork, "192.0.2.1")]
    [InlineData("127.0.0.1 ::1 fe80::1", AddressFamily.InterNetworkV6, "127.0.0.1 ::1")]
    [InlineData("fe80::1", AddressFamily.InterNetwork, "127.0.0.1")]
    public void Own_addresses_are_those_that_clients_could_reach(string all, AddressFamily family, string expected) =>
        Assert.Equal(expected, string.Join(' ', NodeAddresses.Usable(all.Split(' ').Select(IPAddress.Parse), family)));

    [Fact]
    public void Worker_that_listens_on_one_address_offers_that_one() =>
        Assert.Equal([new(IPAddress.Parse("192.0.2.7"), 40001)], NodeAddresses.Candidates([], IPAddress.Parse("192.0.2.7"), 40001, worker: 1));

    [Fact]
    public void Advertised_ports_count_up_with_the_workers_and_addresses_without_one_have_the_workers()
    {
        string[] advertised = ["203.0.113.5:30000", "2001:db8::5", "[2001:db8::6]:30000", "203.0.113.5:30000"];

        var candidates = NodeAddresses.Candidates(advertised, IPAddress.IPv6Any, 40001, worker: 1);

        Assert.Equal(["203.0.113.5:30001", "[2001:db8::5]:40001", "[2001:db8::6]:30001"], candidates.Select(candidate => candidate.ToString()));
    }

    [Theory]
    [InlineData("fe80::1")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]:30000")]
    [InlineData("node.example")]
    [InlineData("203.0.113.5:99999")]
    [InlineData("")]
    public void Unusable_address_is_refused_with_the_rule(string text)
    {
        Assert.False(NodeAddresses.TryParse(text, out _, out var problem));
        Assert.NotEmpty(problem);
    }
}
