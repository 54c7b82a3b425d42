using MassTransit;
using MeetingService.Contracts;
using Npgsql;
using Quartz;

namespace NotificationService.Reminders;

/// <summary>Hears of meetings and keeps their reminders on the schedule.</summary>
internal sealed class MeetingConsumer(PlanReminder plan) : IConsumer<MeetingScheduled>, IConsumer<MeetingChanged>, IConsumer<MeetingCancelled>
{
    public Task Consume(ConsumeContext<MeetingScheduled> context) => plan.HandleAsync(context.Message.Meeting, cancelled: false, context.CancellationToken);

    public Task Consume(ConsumeContext<MeetingChanged> context) => plan.HandleAsync(context.Message.Meeting, cancelled: false, context.CancellationToken);

    public Task Consume(ConsumeContext<MeetingCancelled> context) => plan.HandleAsync(context.Message.Meeting, cancelled: true, context.CancellationToken);
}

/// <summary>One durable queue, shared by all instances.</summary>
internal sealed class MeetingConsumerDefinition : ConsumerDefinition<MeetingConsumer>
{
    /// <summary>Messages in work at a time per instance; each holds one database connection.</summary>
    private const int Concurrency = 16;

    public MeetingConsumerDefinition() => EndpointName = "notifications-meetings";

    protected override void ConfigureConsumer(
        IReceiveEndpointConfigurator endpoint, IConsumerConfigurator<MeetingConsumer> consumer, IRegistrationContext context)
    {
        endpoint.PrefetchCount = Concurrency;
        endpoint.ConcurrentMessageLimit = Concurrency;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            rabbit.SetQuorumQueue();
        // Whatever is wrong with the message itself is so again a moment later: a few tries, then the error queue.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore(typeof(InvalidMeetingMessageException), typeof(NpgsqlException), typeof(SchedulerException));
            retry.Exponential(3, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500));
        });
        // A database that is away comes back. The message stays unacknowledged meanwhile, about 20 minutes at most:
        // RabbitMQ takes a message back after 30 (its consumer_timeout).
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle(typeof(NpgsqlException), typeof(SchedulerException));
            retry.Exponential(45, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1));
        });
    }
}
