namespace Aspire.Hosting.ApplicationModel;

public interface IResource
{
    string Name { get; }
}

public interface IResourceWithEnvironment : IResource;

public interface IResourceWithEndpoints : IResource;

public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

public interface IResourceWithWaitSupport : IResource;

public interface IResourceWithConnectionString : IResource;

public abstract class Resource(string name) : IResource
{
    public string Name { get; } = name;

    /// <summary>Those that must be healthy before this one starts.</summary>
    internal List<IResource> WaitsFor { get; } = [];
}
