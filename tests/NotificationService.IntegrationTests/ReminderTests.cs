using System.Net;
using MeetingService.Contracts;
using NotificationService.IntegrationTests.Harness;
using Platform.Testing;

namespace NotificationService.IntegrationTests;

/// <summary>One running service, and meetings that come and change.</summary>
public sealed class ReminderTests(PostgresServer postgres, RabbitMqServer rabbit) : IAsyncLifetime
{
    private Scene _scene = null!;
    private InProcessService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _scene = await Scene.SetAsync(postgres, rabbit);
        _service = await _scene.StartServiceAsync();
    }

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Each_attendee_gets_exactly_one_mail_when_the_reminder_is_due()
    {
        var meeting = Invitations.RemindedInSeconds(2);
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilKnownAsync(meeting);
        Assert.Empty(_scene.Mails(meeting));

        await _scene.UntilMailedAsync(meeting, 3);

        Assert.Equal(meeting.Addresses(), _scene.MailedTo(meeting));
        var mail = _scene.Mails(meeting)[0];
        Assert.StartsWith($"Reminder: {meeting.Name} - ", mail.Subject, StringComparison.Ordinal);
        Assert.InRange(mail.Date, meeting.StartsAt - meeting.NotifyBefore!.Value - TimeSpan.FromSeconds(1), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    [Fact]
    public async Task Messages_delivered_twice_and_out_of_order_change_nothing()
    {
        var first = Invitations.RemindedInSeconds(3600);
        var second = first.Next() with { Name = "Newest" };
        second = second.MovedBy(TimeSpan.FromSeconds(-3598));
        var message = new MeetingChanged(Guid.NewGuid(), second);
        await _scene.PublishAsync(message);
        await _scene.PublishAsync(message);
        await _scene.ScheduleAsync(first);
        await _scene.UntilMailedAsync(second, 3);
        await _scene.PublishAsync(message);
        await _scene.ScheduleAsync(first);
        await PassAsync();

        Assert.Equal(second.Addresses(), _scene.MailedTo(second));
        Assert.All(_scene.Mails(second), mail => Assert.StartsWith("Reminder: Newest", mail.Subject, StringComparison.Ordinal));
        Assert.Equal(3, await _scene.SentAsync(second));
        Assert.Equal(0L, await TriggersAsync(second));
    }

    [Fact]
    public async Task A_moved_meeting_is_reminded_of_at_its_new_time_only()
    {
        var meeting = Invitations.RemindedInSeconds(2);
        var moved = meeting.Next().MovedBy(TimeSpan.FromHours(2));
        await _scene.ScheduleAsync(meeting);
        await _scene.ChangeAsync(moved);
        await _scene.UntilKnownAsync(moved);
        await PassAsync(seconds: 3);
        Assert.Empty(_scene.Mails(meeting));
        Assert.Equal(1L, await TriggersAsync(moved));

        var back = moved.Next().MovedBy(TimeSpan.FromHours(-2));
        await _scene.ChangeAsync(back);

        await _scene.UntilMailedAsync(back, 3);
        Assert.Equal(back.Addresses(), _scene.MailedTo(back));
    }

    [Fact]
    public async Task A_cancelled_meeting_is_not_reminded_of_even_if_an_older_change_comes_later()
    {
        var meeting = Invitations.RemindedInSeconds(2);
        var changed = meeting.Next();
        await _scene.ScheduleAsync(meeting);
        await _scene.CancelAsync(changed.Next());
        await _scene.UntilKnownAsync(changed.Next());
        await _scene.ChangeAsync(changed);
        await PassAsync(seconds: 3);

        Assert.Empty(_scene.Mails(meeting));
        Assert.Equal(0L, await TriggersAsync(meeting));
    }

    [Fact]
    public async Task Somebody_invited_after_the_reminder_gets_one_and_the_others_none_again()
    {
        var meeting = Invitations.RemindedInSeconds(-30, attendees: 2);
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilSentAsync(meeting, 2);
        var sentAt = await _scene.QueryAsync<DateTime>("select max(sent_at) from notifications.deliveries");

        var more = meeting.Next() with { Attendees = Invitations.Attendees(3) };
        await _scene.ChangeAsync(more);
        await _scene.UntilSentAsync(more, 3);

        Assert.Equal(more.Addresses(), _scene.MailedTo(more));
        Assert.Equal(1L, await _scene.QueryAsync<long>($"select count(*) from notifications.deliveries where sent_at > '{sentAt:O}'"));
    }

    [Fact]
    public async Task A_meeting_without_notify_gets_no_reminder()
    {
        var meeting = Invitations.RemindedInSeconds(-1) with { Notify = false };
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilKnownAsync(meeting);
        await PassAsync();

        Assert.Empty(_scene.Mails(meeting));
    }

    [Fact]
    public async Task Odd_names_and_addresses_harm_nobody()
    {
        var meeting = Invitations.RemindedInSeconds(-1) with
        {
            Name = "a\0b\r\nBcc: all@example.org",
            Attendees = [new(1, "good@example.org", "x\r\ny\0"), new(2, "bad\r\n@example.org", null), new(3, "\0", null), new(4, null, null)],
        };
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilMailedAsync(meeting, 1);

        Assert.Equal(["good@example.org"], _scene.MailedTo(meeting));
        Assert.StartsWith("Reminder: a b Bcc: all@example.org - ", _scene.Mails(meeting)[0].Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_breaks_the_rules_goes_to_the_error_queue_and_does_not_hold_up_the_others()
    {
        await _scene.ScheduleAsync(Invitations.RemindedInSeconds(-1) with { MeetingId = "../../etc/passwd" });
        await PassAsync();

        Assert.Single(Directory.GetFiles(_scene.OutboxPath));
        await Eventually.BecomesTrue(async () => await _scene.MessagesInAsync("notifications-meetings_error") == 1, expectation: "the message is kept for people to look at");
    }

    [Fact]
    public async Task Health_names_the_database_the_bus_and_the_scheduler()
    {
        using var client = new HttpClient { BaseAddress = _service.Address };
        var response = await client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        var report = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("postgres", report, StringComparison.Ordinal);
        Assert.Contains("masstransit-bus", report, StringComparison.Ordinal);
        Assert.Contains("quartz-scheduler", report, StringComparison.Ordinal);
    }

    /// <summary>Waits for the mail of another meeting that is due after everything before it: what should have been sent by now has been.</summary>
    private async Task PassAsync(double seconds = 0)
    {
        var later = Invitations.RemindedInSeconds(seconds, attendees: 1);
        await _scene.ScheduleAsync(later);
        await _scene.UntilSentAsync(later, 1);
    }

    private Task<long> TriggersAsync(MeetingDetails meeting) =>
        _scene.QueryAsync<long>($"select count(*) from notifications.qrtz_triggers where trigger_name like '{meeting.MeetingId}%'");
}
