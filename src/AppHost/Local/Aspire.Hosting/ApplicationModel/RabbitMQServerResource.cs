namespace Aspire.Hosting.ApplicationModel;

public sealed class RabbitMQServerResource(string name) : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
{
    /// <summary>Null takes a free one.</summary>
    internal int? Port { get; init; }
}
