using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>
/// What a resource needs and offers. Aspire's methods are generic over every kind of resource; here only projects have environment and
/// endpoints, so the casts hold.
/// </summary>
public static class ResourceBuilderExtensions
{
    private const string DefaultHttpEndpoint = "http";

    /// <summary>Sets <c>ConnectionStrings__name</c>.</summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResourceWithConnectionString> source)
        where T : IResourceWithEnvironment =>
        builder.Edit(project => project.References.Add(source.Resource));

    /// <summary>Sets <c>services__name__endpoint__index</c> for each HTTP endpoint of each replica, which service discovery reads.</summary>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where T : IResourceWithEnvironment =>
        builder.Edit(project => project.References.Add(source.Resource));

    /// <summary>Starts only when <paramref name="dependency"/> is healthy.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport =>
        builder.Edit(project => project.WaitsFor.Add(dependency.Resource));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value)
        where T : IResourceWithEnvironment =>
        builder.Edit(project => project.Environment.Add(new(name) { Text = value ?? "" }));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter)
        where T : IResourceWithEnvironment =>
        builder.Edit(project => project.Environment.Add(new(name) { Parameter = parameter.Resource }));

    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference)
        where T : IResourceWithEnvironment =>
        builder.Edit(project => project.Environment.Add(new(name) { Endpoint = endpointReference }));

    public static IResourceBuilder<T> WithHttpEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, string? name = null, string? env = null)
        where T : IResourceWithEndpoints =>
        builder.Edit(project => project.Endpoints.Add(new(name ?? DefaultHttpEndpoint, ProtocolType.Tcp, port, env) { IsHttp = true }));

    /// <summary>Nothing is proxied here, so <paramref name="isProxied"/> changes nothing.</summary>
    public static IResourceBuilder<T> WithEndpoint<T>(
        this IResourceBuilder<T> builder, int? port = null, string? name = null, string? env = null, bool isProxied = true, ProtocolType? protocol = null)
        where T : IResourceWithEndpoints =>
        builder.Edit(project => project.Endpoints.Add(new(name ?? "tcp", protocol ?? ProtocolType.Tcp, port, env)));

    /// <summary>HTTP endpoints then listen on every address of the machine instead of on loopback alone.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEndpoints =>
        builder.Edit(project => project.Endpoints.Where(endpoint => endpoint.IsHttp).ToList().ForEach(endpoint => endpoint.IsExternal = true));

    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null)
        where T : IResourceWithEndpoints =>
        builder.Edit(project => project.HealthPath = path ?? "/");

    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name)
        where T : IResourceWithEndpoints =>
        new(builder.Resource, name);

    private static IResourceBuilder<T> Edit<T>(this IResourceBuilder<T> builder, Action<ProjectResource> edit)
        where T : IResource
    {
        edit(builder.Resource as ProjectResource
            ?? throw new NotSupportedException($"The local engine cannot do this for '{builder.Resource.Name}': it is no project."));
        return builder;
    }
}
