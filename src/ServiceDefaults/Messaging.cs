using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace ServiceDefaults;

/// <summary>MassTransit on the RabbitMQ named by <c>ConnectionStrings:messaging</c> (an <c>amqp://</c> address).</summary>
public static class Messaging
{
    public const string ConnectionName = "messaging";

    /// <param name="configure">Adds the service's consumers.</param>
    /// <param name="configureBus">Adds receive endpoints that MassTransit cannot name by itself, such as one queue per instance.</param>
    public static void AddMessaging(
        this WebApplicationBuilder builder,
        Action<IBusRegistrationConfigurator>? configure = null,
        Action<IBusRegistrationContext, IRabbitMqBusFactoryConfigurator>? configureBus = null)
    {
        var address = builder.Configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"ConnectionStrings__{ConnectionName} is not set: give the amqp:// address of RabbitMQ.");
        builder.Services.AddMassTransit(bus =>
        {
            bus.SetKebabCaseEndpointNameFormatter();
            configure?.Invoke(bus);
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(new Uri(address));
                configureBus?.Invoke(context, rabbit);
                rabbit.ConfigureEndpoints(context);
            });
        });
    }
}
