using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.ServiceDiscovery;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.ServiceDiscovery;

namespace Gateway.Proxy;

/// <summary>
/// Turns each configured destination (<c>http://signaling</c>) into one destination per endpoint that service discovery knows, so
/// that YARP balances over all instances and watches the health of each.
/// </summary>
internal sealed class ServiceDestinationResolver(ServiceEndpointResolver services) : IDestinationResolver
{
    public async ValueTask<ResolvedDestinationCollection> ResolveDestinationsAsync(
        IReadOnlyDictionary<string, DestinationConfig> destinations, CancellationToken cancellationToken)
    {
        var resolved = new Dictionary<string, DestinationConfig>();
        var changes = new List<IChangeToken>();
        foreach (var (name, destination) in destinations)
        {
            var service = new Uri(destination.Address);
            var source = await services.GetEndpointsAsync(service.GetLeftPart(UriPartial.Authority), cancellationToken);
            changes.Add(source.ChangeToken);
            foreach (var endpoint in source.Endpoints)
            {
                var address = Address(service, endpoint);
                resolved[$"{name}[{address}]"] = destination with { Address = address };
            }
        }

        return new(resolved, new CompositeChangeToken(changes));
    }

    /// <summary>Endpoints from configuration are whole addresses; those from DNS are a host and a port.</summary>
    private static string Address(Uri service, ServiceEndpoint endpoint)
    {
        var text = endpoint.ToString()!;
        var authority = text.Contains("://", StringComparison.Ordinal) ? new Uri(text).GetLeftPart(UriPartial.Authority) : $"{service.Scheme}://{text}";
        return authority + service.AbsolutePath.TrimEnd('/');
    }
}
