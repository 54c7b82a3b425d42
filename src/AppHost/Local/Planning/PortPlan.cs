using System.Net.Sockets;
using AppHost.Local.Servers;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Planning;

/// <summary>
/// The ports of every endpoint, chosen before anything starts: a crashed process comes back at the address that the others were told.
/// </summary>
internal sealed class PortPlan
{
    private readonly Dictionary<(string Resource, string Endpoint, int Replica), int> _ports = [];
    private readonly HashSet<int> _taken = [];

    public int Of(string resource, string endpoint, int replica) => _ports[(resource, endpoint, replica)];

    public void AddServer(string resource, int? port) => _ports[(resource, "tcp", 0)] = Choose(port, ProtocolType.Tcp);

    public void Add(ProjectResource project)
    {
        foreach (var endpoint in project.Endpoints)
        {
            if (endpoint is { IsExternal: true, Port: { } fixedPort } && !FreePort.IsFreeTcp(fixedPort))
                throw new PortTakenException(fixedPort, PortOwner.Find(fixedPort));
            for (var replica = 0; replica < project.Replicas; replica++)
                _ports[(project.Name, endpoint.Name, replica)] = Choose(endpoint.Port, endpoint.Protocol);
        }
    }

    /// <summary>
    /// The wanted port if it is free. Only an external port is promised to people; the others are told to those who use them, so a second
    /// platform on the machine simply gets different ones.
    /// </summary>
    private int Choose(int? wanted, ProtocolType protocol)
    {
        if (wanted is { } port && IsFree(port, protocol) && _taken.Add(port))
            return port;
        int free;
        do
            free = protocol == ProtocolType.Udp ? FreePort.Udp() : FreePort.Tcp();
        while (!_taken.Add(free));
        return free;
    }

    /// <summary>What speaks UDP is a media node, which takes TCP under the same number.</summary>
    private static bool IsFree(int port, ProtocolType protocol) =>
        FreePort.IsFreeTcp(port) && (protocol != ProtocolType.Udp || FreePort.IsFreeUdp(port));
}
