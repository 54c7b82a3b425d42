using NotificationService.IntegrationTests.Harness;
using Platform.Testing;

namespace NotificationService.IntegrationTests;

/// <summary>The service dies without warning, and comes back.</summary>
public sealed class RestartTests(PostgresServer postgres, RabbitMqServer rabbit) : IAsyncLifetime
{
    private Scene _scene = null!;

    public async ValueTask InitializeAsync() => _scene = await Scene.SetAsync(postgres, rabbit);

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Killed_between_scheduling_and_firing_it_sends_when_it_is_back()
    {
        var process = await _scene.StartProcessAsync();
        var meeting = Invitations.RemindedInSeconds(3);
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilKnownAsync(meeting);
        await process.KillAsync();
        Assert.Empty(_scene.Mails(meeting));
        await Eventually.BecomesTrue(() => DateTimeOffset.UtcNow > meeting.StartsAt - meeting.NotifyBefore, expectation: "the reminder is overdue");

        await _scene.StartProcessAsync();
        await _scene.UntilSentAsync(meeting, 3);

        Assert.Equal(meeting.Addresses(), _scene.MailedTo(meeting));
    }

    [Fact]
    public async Task Killed_in_the_middle_of_sending_it_sends_the_rest_and_nobody_gets_two()
    {
        const int Attendees = 200;
        var process = await _scene.StartProcessAsync();
        var meeting = Invitations.RemindedInSeconds(0, Attendees);
        await _scene.ScheduleAsync(meeting);
        await Eventually.BecomesTrue(() => _scene.Mails(meeting).Count >= 20, expectation: "sending has begun");
        await process.KillAsync();
        var sentBefore = await _scene.SentAsync(meeting);
        Assert.InRange(sentBefore, 1, Attendees - 1);

        await _scene.StartProcessAsync();
        await _scene.UntilSentAsync(meeting, Attendees);

        Assert.Equal(meeting.Addresses(), _scene.MailedTo(meeting));
        Assert.DoesNotContain(Directory.GetFiles(_scene.OutboxPath), file => file.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Killed_while_a_reminder_fires_it_fires_it_again_when_it_is_back()
    {
        var process = await _scene.StartProcessAsync();
        var meeting = Invitations.RemindedInSeconds(2);
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilKnownAsync(meeting);
        // The job of the reminder begins, and waits for the meeting's row.
        await using (await _scene.LockAsync($"select 1 from notifications.meetings where meeting_id = '{meeting.MeetingId}' for update"))
        {
            await Eventually.BecomesTrue(
                async () => await _scene.QueryAsync<long>("select count(*) from notifications.qrtz_fired_triggers where state = 'EXECUTING'") > 0,
                expectation: "the job runs");
            await process.KillAsync();
        }

        await _scene.StartProcessAsync();
        await _scene.UntilSentAsync(meeting, 3);

        Assert.Equal(meeting.Addresses(), _scene.MailedTo(meeting));
    }

    [Fact]
    public async Task A_reminder_missed_until_after_the_meeting_is_dropped_and_the_log_says_so()
    {
        var process = await _scene.StartProcessAsync();
        var meeting = Invitations.RemindedInSeconds(2);
        meeting = meeting with { StartsAt = meeting.StartsAt.AddMinutes(-10), EndsAt = meeting.StartsAt.AddMinutes(-10).AddSeconds(1), NotifyBefore = TimeSpan.Zero };
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilKnownAsync(meeting);
        await process.KillAsync();
        await Eventually.BecomesTrue(() => DateTimeOffset.UtcNow > meeting.EndsAt, expectation: "the meeting is over");

        process = await _scene.StartProcessAsync();

        await Eventually.BecomesTrue(
            () => process.Output.Contains($"Meeting {meeting.MeetingId}: reminder dropped", StringComparison.Ordinal), TimeSpan.FromSeconds(30), "the log line");
        Assert.Empty(_scene.Mails(meeting));
    }

    [Fact]
    public async Task Two_instances_started_at_once_share_the_work_and_send_each_mail_once()
    {
        const int Attendees = 100;
        await using var server = new MailServer();
        (string, string)[] smtp = [("Smtp:Host", "127.0.0.1"), ("Smtp:Port", $"{server.Port}"), ("Smtp:From", "no-reply@example.org")];
        await Task.WhenAll(_scene.StartProcessAsync(smtp), _scene.StartProcessAsync(smtp));

        var meetings = Enumerable.Range(0, 3).Select(_ => Invitations.RemindedInSeconds(2, Attendees)).ToArray();
        foreach (var meeting in meetings)
            await _scene.ScheduleAsync(meeting);
        foreach (var meeting in meetings)
            await _scene.UntilSentAsync(meeting, Attendees);

        Assert.Equal(meetings.Length * Attendees, server.Received.Count);
        Assert.All(server.Received.GroupBy(mail => mail.Recipient), mails => Assert.Equal(meetings.Length, mails.Count()));
        Assert.Equal(meetings.Length * Attendees, server.Received.Select(MessageId).Distinct().Count());
    }

    [Fact]
    public async Task One_of_two_instances_killed_while_sending_leaves_its_work_to_the_other()
    {
        const int Attendees = 200;
        var dies = await _scene.StartProcessAsync();
        await _scene.StartProcessAsync();
        var meeting = Invitations.RemindedInSeconds(0, Attendees);
        await _scene.ScheduleAsync(meeting);
        await Eventually.BecomesTrue(() => _scene.Mails(meeting).Count >= 20, expectation: "sending has begun");
        await dies.KillAsync();

        await _scene.UntilSentAsync(meeting, Attendees);

        Assert.Equal(meeting.Addresses(), _scene.MailedTo(meeting));
    }

    private static string MessageId(ReceivedMail mail) =>
        mail.Text.Split("\r\n").First(line => line.StartsWith("Message-Id:", StringComparison.OrdinalIgnoreCase));
}
