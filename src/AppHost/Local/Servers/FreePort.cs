using System.Net;
using System.Net.Sockets;

namespace AppHost.Local.Servers;

/// <summary>
/// Ports that nobody uses at this moment. Between finding and using one somebody else may take it, which the start then reports.
/// </summary>
internal static class FreePort
{
    public static int Tcp() => Find(SocketType.Stream, ProtocolType.Tcp, IPAddress.Loopback);

    /// <summary>Free on every address, since media nodes listen on all of them.</summary>
    public static int Udp() => Find(SocketType.Dgram, ProtocolType.Udp, IPAddress.Any);

    public static bool IsFreeTcp(int port) => TryBind(SocketType.Stream, ProtocolType.Tcp, new(IPAddress.Any, port)) is not null;

    public static bool IsFreeUdp(int port) => TryBind(SocketType.Dgram, ProtocolType.Udp, new(IPAddress.Any, port)) is not null;

    private static int Find(SocketType type, ProtocolType protocol, IPAddress address) =>
        TryBind(type, protocol, new(address, 0)) ?? throw new InvalidOperationException($"This machine has no free {protocol} port left.");

    private static int? TryBind(SocketType type, ProtocolType protocol, IPEndPoint endPoint)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(endPoint);
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
