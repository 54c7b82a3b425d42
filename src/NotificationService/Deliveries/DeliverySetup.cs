namespace NotificationService.Deliveries;

internal static class DeliverySetup
{
    public static void AddDeliveries(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeliverySignal>();
        builder.Services.AddSingleton<SendNextMail>();
        builder.Services.AddHostedService<DeliveryDispatcher>();
    }
}
