using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A service that is built from a project and runs as one process per replica.</summary>
public sealed class ProjectResource(string name, IProjectMetadata project)
    : Resource(name), IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal IProjectMetadata Project { get; } = project;
    internal int Replicas { get; set; } = 1;
    internal List<EndpointDefinition> Endpoints { get; } = [];
    internal List<EnvironmentVariable> Environment { get; } = [];
    internal List<IResource> References { get; } = [];
    internal string? HealthPath { get; set; }
}

/// <param name="Port">Fixed port; null takes a free one for each replica.</param>
/// <param name="Variable">Environment variable that tells the service the port; null for none.</param>
internal sealed record EndpointDefinition(string Name, ProtocolType Protocol, int? Port, string? Variable)
{
    public bool IsExternal { get; set; }
    public bool IsHttp { get; init; }
}

/// <summary>Exactly one of the sources is set.</summary>
internal sealed record EnvironmentVariable(string Name)
{
    public string? Text { get; init; }
    public ParameterResource? Parameter { get; init; }
    public EndpointReference? Endpoint { get; init; }
}

/// <summary>An endpoint of a service, to be turned into its address when the service's port is known.</summary>
public sealed class EndpointReference(IResourceWithEndpoints resource, string endpointName)
{
    public IResourceWithEndpoints Resource { get; } = resource;
    public string EndpointName { get; } = endpointName;
}
