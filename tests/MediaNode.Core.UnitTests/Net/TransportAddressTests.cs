using System.Net;
using MediaNode.Core.Net;

namespace MediaNode.Core.UnitTests.Net;

public sealed class TransportAddressTests
{
    [Theory]
    [InlineData("192.0.2.1:32853")]
    [InlineData("[2001:db8::1]:443")]
    [InlineData("[::1]:1")]
    public void Address_survives_the_way_to_an_end_point_and_back(string text)
    {
        var endPoint = IPEndPoint.Parse(text);

        Assert.Equal(endPoint, TransportAddress.From(endPoint).ToIPEndPoint());
        Assert.Equal(text, TransportAddress.From(endPoint).ToString());
    }

    [Fact]
    public void Mapped_address_equals_its_ipv4_form()
    {
        var mapped = TransportAddress.From(IPAddress.Parse("::ffff:192.0.2.1"), 9);
        var plain = TransportAddress.From(IPAddress.Parse("192.0.2.1"), 9);

        Assert.Equal(plain, mapped);
        Assert.Equal(plain.GetHashCode(), mapped.GetHashCode());
        Assert.True(mapped.IsIPv4);
    }

    [Fact]
    public void Another_port_is_another_address() =>
        Assert.NotEqual(TransportAddress.FromIPv4(1, 1), TransportAddress.FromIPv4(1, 2));

    [Fact]
    public void Same_address_over_tcp_is_another_address()
    {
        var udp = TransportAddress.FromIPv4(0xC0000201, 9);
        var tcp = udp.Over(TransportProtocol.Tcp);

        Assert.NotEqual(udp, tcp);
        Assert.NotEqual(udp.Mix(1), tcp.Mix(1));
        Assert.Equal(udp, tcp.Over(TransportProtocol.Udp));
        Assert.Equal("192.0.2.1:9/tcp", tcp.ToString());
        Assert.Equal(udp.ToIPEndPoint(), tcp.ToIPEndPoint());
    }

    [Fact]
    public void Same_address_reached_from_another_of_ours_is_another_address()
    {
        var first = TransportAddress.FromIPv4(0xC0000201, 9);
        var second = first.ReachedFrom(2);

        Assert.NotEqual(first, second);
        Assert.NotEqual(first.Mix(1), second.Mix(1));
        Assert.Equal(first, second.ReachedFrom(0));
        Assert.Equal(2, second.Over(TransportProtocol.Tcp).Local);
        Assert.True(first.SharesOriginWith(second));
        Assert.Equal(first.ToIPEndPoint(), second.ToIPEndPoint());
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void Ipv6_addresses_of_one_network_have_one_origin(string first, string second, bool shared) =>
        Assert.Equal(shared, TransportAddress.From(IPAddress.Parse(first), 1).SharesOriginWith(TransportAddress.From(IPAddress.Parse(second), 2)));
}
