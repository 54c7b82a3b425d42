using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static class RabbitMQBuilderExtensions
{
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder, string name, int? port = null) =>
        builder.AddResource(new RabbitMQServerResource(name) { Port = port });

    /// <summary>Data always stay in the state folder here; the call is the container engine's way to say so.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(this IResourceBuilder<RabbitMQServerResource> builder) => builder;
}
