using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace NotificationService;

/// <summary>What the service tells about itself, under the name "Platform.Notifications".</summary>
internal sealed class NotificationTelemetry : IDisposable
{
    public const string Name = "Platform.Notifications";

    private readonly Meter _meter;
    private readonly Counter<long> _scheduled;
    private readonly Counter<long> _removed;
    private readonly Counter<long> _fired;
    private readonly Counter<long> _dropped;
    private readonly Histogram<double> _lateness;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _failed;

    public NotificationTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _scheduled = _meter.CreateCounter<long>("notifications.reminders.scheduled", "{reminder}", "Reminders put on the schedule, or moved.");
        _removed = _meter.CreateCounter<long>("notifications.reminders.removed", "{reminder}", "Reminders taken off the schedule.");
        _fired = _meter.CreateCounter<long>("notifications.reminders.fired", "{reminder}", "Reminders whose time came.");
        _dropped = _meter.CreateCounter<long>("notifications.reminders.dropped", "{reminder}", "Reminders whose time came too late.");
        _lateness = _meter.CreateHistogram<double>("notifications.reminders.lateness", "s", "Time from when a reminder was due to when it fired.");
        _sent = _meter.CreateCounter<long>("notifications.mails.sent", "{mail}", "Mails that the transport accepted.");
        _failed = _meter.CreateCounter<long>("notifications.mails.failed", "{mail}", "Attempts to send a mail that failed, by outcome.");
    }

    public ActivitySource Activities { get; } = new(Name);

    public void ReminderScheduled() => _scheduled.Add(1);

    public void ReminderRemoved() => _removed.Add(1);

    public void ReminderFired(TimeSpan lateness)
    {
        _fired.Add(1);
        _lateness.Record(Math.Max(0, lateness.TotalSeconds));
    }

    public void ReminderDropped() => _dropped.Add(1);

    public void MailSent() => _sent.Add(1);

    public void MailFailed(string outcome) => _failed.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose()
    {
        _meter.Dispose();
        Activities.Dispose();
    }
}
