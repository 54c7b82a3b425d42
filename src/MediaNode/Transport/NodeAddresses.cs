using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace MediaNode.Transport;

/// <summary>Where clients are told to reach a worker.</summary>
internal static class NodeAddresses
{
    /// <summary>Addresses put into descriptions; each makes a candidate for UDP and one for TCP, and every client tries them all.</summary>
    private const int MaximumCandidates = 16;

    /// <param name="advertised">As configured; empty for the machine's own.</param>
    /// <param name="listening">Address that the worker listens on.</param>
    /// <param name="port">Port that it listens on.</param>
    /// <param name="worker">Its number, which is added to advertised ports.</param>
    /// <returns>Each address once, the most preferred first.</returns>
    public static ImmutableArray<IPEndPoint> Candidates(IReadOnlyList<string> advertised, IPAddress listening, int port, int worker) =>
        [.. (advertised.Count > 0 ? advertised.Select(text => Advertised(text, port, worker)) : Own(listening).Select(address => new IPEndPoint(address, port)))
            .Distinct()
            .Take(MaximumCandidates)];

    /// <summary>Reads "203.0.113.5", "203.0.113.5:30000", "2001:db8::5" or "[2001:db8::5]:30000". Port 0: the one that is listened on.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endPoint, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        // An IPv6 address without brackets has no port: it would be read as part of it. With brackets, IPAddress.TryParse would pass over the port.
        endPoint = !text.StartsWith('[') && IPAddress.TryParse(text, out var address) ? new(address, 0)
            : IPEndPoint.TryParse(text, out var withPort) ? withPort
            : null;
        if (endPoint is null)
            problem = "is neither an IP address nor one with a port";
        else if (endPoint.Address.IsIPv6LinkLocal || endPoint.Address.IsIPv6Multicast)
            problem = "is of this link only, or of many: clients cannot reach it";
        else if (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any))
            problem = "stands for every address: name those that clients reach";
        return problem is null;
    }

    private static IPEndPoint Advertised(string text, int port, int worker)
    {
        if (!TryParse(text, out var endPoint, out var problem))
            throw new InvalidOperationException($"Node:AdvertisedAddresses: \"{text}\" {problem}");
        return new(endPoint.Address, endPoint.Port == 0 ? port : endPoint.Port + worker);
    }

    private static IEnumerable<IPAddress> Own(IPAddress listening)
    {
        if (!listening.Equals(IPAddress.Any) && !listening.Equals(IPAddress.IPv6Any))
            return [listening];
        var all = NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address));
        return Usable(all, listening.AddressFamily);
    }

    /// <summary>Every address that a client could reach; loopback only when there is no other, as on a machine without a network.</summary>
    /// <param name="all">Of this machine's interfaces.</param>
    /// <param name="family">IPv6 listens on both kinds.</param>
    public static IReadOnlyList<IPAddress> Usable(IEnumerable<IPAddress> all, AddressFamily family)
    {
        var usable = all.Where(address => !IsLinkLocal(address) && (family == AddressFamily.InterNetworkV6 || address.AddressFamily == family)).ToList();
        var reachable = usable.Where(address => !IPAddress.IsLoopback(address)).ToList();
        return reachable.Count > 0 ? reachable : usable.Count > 0 ? usable : [IPAddress.Loopback];
    }

    /// <summary>fe80::/10 needs a scope that a candidate cannot name; 169.254.0.0/16 (RFC 3927) is what a machine without a lease gives itself.</summary>
    private static bool IsLinkLocal(IPAddress address) =>
        address.IsIPv6LinkLocal || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..]);
}
