using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AppHost.Local.Servers;

/// <summary>
/// Ports that nobody uses at this moment, of those that the kernel gives to no outgoing connection: RabbitMQ listens seconds after its port was found, and by then
/// such a connection may have one of the others. Another program may still take it, which the start then reports.
/// </summary>
internal static class FreePort
{
    private const int Lowest = 10_000;

    /// <summary>Where Linux begins with ports of outgoing connections, unless told otherwise.</summary>
    private const int UsualFirstEphemeral = 32_768;

    /// <summary>Of thousands, most are free.</summary>
    private const int Tries = 100;

    private static readonly int FirstEphemeral = ReadFirstEphemeral();

    public static int Tcp() => Find(SocketType.Stream, ProtocolType.Tcp, IPAddress.Loopback);

    /// <summary>Free on every address, since media nodes listen on all of them.</summary>
    public static int Udp() => Find(SocketType.Dgram, ProtocolType.Udp, IPAddress.Any);

    public static bool IsFreeTcp(int port) => TryBind(SocketType.Stream, ProtocolType.Tcp, new(IPAddress.Any, port)) is not null;

    public static bool IsFreeUdp(int port) => TryBind(SocketType.Dgram, ProtocolType.Udp, new(IPAddress.Any, port)) is not null;

    private static int Find(SocketType type, ProtocolType protocol, IPAddress address)
    {
        for (var i = 0; i < Tries && FirstEphemeral > Lowest; i++)
        {
            if (TryBind(type, protocol, new(address, Random.Shared.Next(Lowest, FirstEphemeral))) is { } port)
                return port;
        }
        return TryBind(type, protocol, new(address, 0)) ?? throw new InvalidOperationException($"This machine has no free {protocol} port left.");
    }

    private static int ReadFirstEphemeral()
    {
        const string Setting = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(Setting) && int.TryParse(File.ReadAllText(Setting).Split('\t', ' ')[0], CultureInfo.InvariantCulture, out var first) ? first : UsualFirstEphemeral;
    }

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
