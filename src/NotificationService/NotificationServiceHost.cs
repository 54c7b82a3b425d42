using MassTransit;
using NotificationService.Deliveries;
using NotificationService.Mail;
using NotificationService.Reminders;
using NotificationService.Storage;
using ServiceDefaults;

namespace NotificationService;

/// <summary>The service as an application that tests can build in their own process.</summary>
internal static class NotificationServiceHost
{
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<NotificationTelemetry>();
        // Hosted services start in this order: tables, then whatever writes to them, then the bus that brings the work.
        builder.AddDatabase();
        builder.AddMail();
        builder.AddDeliveries();
        builder.AddReminderSchedule();
        builder.AddMessaging(bus => bus.AddConsumer<MeetingConsumer, MeetingConsumerDefinition>());

        var app = builder.Build();
        app.MapDefaultEndpoints();
        return app;
    }
}
