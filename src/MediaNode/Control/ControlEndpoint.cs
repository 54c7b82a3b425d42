using System.Net;
using MediaNode.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MediaNode.Control;

/// <summary>
/// Two TCP ports: the ones of ASPNETCORE_URLS for probes, in HTTP/1.1, and one for gRPC. Without TLS there is nothing to negotiate HTTP/2 with, so
/// one port cannot serve both.
/// </summary>
internal static class ControlEndpoint
{
    public static void AddControlEndpoint(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection("Node").Get<NodeOptions>() ?? new();
        var urls = builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey) ?? "http://127.0.0.1:0";
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxConcurrentConnections = DescriptorBudget.MaximumControlConnections;
            foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                Listen(kestrel, BindingAddress.Parse(url));
            kestrel.Listen(IPAddress.Parse(options.ControlListenAddress), options.ControlPort, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
    }

    /// <summary>Where a started server takes commands: the control endpoint is the last that Kestrel was told of.</summary>
    public static Uri BoundAddress(IServer server) => new(server.Features.Get<IServerAddressesFeature>()!.Addresses.Last());

    private static void Listen(KestrelServerOptions kestrel, BindingAddress address)
    {
        if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip))
            kestrel.Listen(ip, address.Port);
        else if (address.Host == "localhost" && address.Port != 0)
            kestrel.ListenLocalhost(address.Port);
        else if (address.Host == "localhost")
            kestrel.Listen(IPAddress.Loopback, 0);
        else
            kestrel.ListenAnyIP(address.Port);
    }
}
