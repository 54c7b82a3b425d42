using MassTransit;
using ServiceDefaults;

namespace MeetingService.Publication;

internal static class PublicationModule
{
    public static void AddPublication(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Outbox>();

        // MassTransit judges a bus by its receive endpoints: without one, /health would not see the broker go.
        builder.AddMessaging(configureBus: (_, rabbit) => rabbit.ReceiveEndpoint(new TemporaryEndpointDefinition(), _ => { }));
    }
}
