using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AppHost.Local.Servers;

namespace AppHost.Tests.Servers;

public sealed class FreePortTests
{
    [Fact]
    public void No_outgoing_connection_takes_a_port_between_its_finding_and_its_use()
    {
        var text = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range");
        var firstEphemeral = int.Parse(text.Split('\t', ' ')[0], CultureInfo.InvariantCulture);
        for (var i = 0; i < 50; i++)
        {
            Assert.InRange(FreePort.Tcp(), 1024, firstEphemeral - 1);
            Assert.InRange(FreePort.Udp(), 1024, firstEphemeral - 1);
        }
    }

    [Fact]
    public void Port_in_use_is_not_free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, FreePort.Tcp());
        listener.Start();

        Assert.False(FreePort.IsFreeTcp(((IPEndPoint)listener.LocalEndpoint).Port));
    }
}
