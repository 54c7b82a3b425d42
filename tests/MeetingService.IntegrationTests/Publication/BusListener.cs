using System.Collections.Concurrent;
using MassTransit;
using MeetingService.Contracts;
using Platform.Testing;

namespace MeetingService.IntegrationTests.Publication;

/// <summary>Another service on the bus, which keeps what it hears.</summary>
public sealed class BusListener : IAsyncDisposable
{
    private readonly IBusControl _bus;
    private readonly ConcurrentQueue<Heard> _heard = new();

    private BusListener(string address) => _bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
    {
        rabbit.Host(new Uri(address));
        rabbit.ReceiveEndpoint($"listener-{Guid.NewGuid():N}", queue =>
        {
            queue.Handler<MeetingScheduled>(Keep);
            queue.Handler<MeetingChanged>(Keep);
            queue.Handler<MeetingCancelled>(Keep);
            queue.Handler<SessionEnded>(Keep);
        });
    });

    public static async Task<BusListener> StartAsync(string address)
    {
        var listener = new BusListener(address);
        await listener._bus.StartAsync(TestContext.Current.CancellationToken);
        return listener;
    }

    /// <summary>In the order of the meeting's versions, as consumers have to see them: messages are handled side by side and may overtake one another.</summary>
    public IReadOnlyList<Heard> About(string meetingId) =>
        [.. _heard.Where(heard => heard.Meeting?.MeetingId == meetingId).OrderBy(heard => heard.Meeting!.Version)];

    public IReadOnlyList<Heard> SessionsEnded(long sessionId) => [.. _heard.Where(heard => heard.Message is SessionEnded ended && ended.SessionId == sessionId)];

    public Task HearsAsync(string meetingId, int count, TimeSpan? timeout = null) =>
        Eventually.BecomesTrue(() => About(meetingId).Count >= count, timeout, $"{count} messages about {meetingId}");

    public async ValueTask DisposeAsync() => await _bus.StopAsync();

    private Task Keep<T>(ConsumeContext<T> context)
        where T : class
    {
        _heard.Enqueue(new(context.Message, context.MessageId, DateTimeOffset.UtcNow));
        return Task.CompletedTask;
    }

    public sealed record Heard(object Message, Guid? MessageId, DateTimeOffset At)
    {
        public MeetingDetails? Meeting => Message switch
        {
            MeetingScheduled scheduled => scheduled.Meeting,
            MeetingChanged changed => changed.Meeting,
            MeetingCancelled cancelled => cancelled.Meeting,
            _ => null,
        };
    }
}
