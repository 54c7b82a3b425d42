using System.Collections.Concurrent;
using MimeKit;
using NotificationService.IntegrationTests.Harness;
using Platform.Testing;

namespace NotificationService.IntegrationTests;

public sealed class SmtpTests(PostgresServer postgres, RabbitMqServer rabbit) : IAsyncLifetime
{
    private Scene _scene = null!;

    public async ValueTask InitializeAsync() => _scene = await Scene.SetAsync(postgres, rabbit);

    public ValueTask DisposeAsync() => _scene.DisposeAsync();

    [Fact]
    public async Task Each_attendee_gets_one_mail_from_the_configured_sender()
    {
        await using var server = new MailServer();
        await StartAsync(server.Port);
        var meeting = Invitations.RemindedInSeconds(0, attendees: 30);
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilSentAsync(meeting, 30);

        Assert.Equal(meeting.Addresses(), server.Received.Select(mail => mail.Recipient).Order(StringComparer.Ordinal));
        var mail = MimeMessage.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(server.Received.First().Text)), TestContext.Current.CancellationToken);
        Assert.Equal("no-reply@example.net", Assert.Single(mail.From.Mailboxes).Address);
        Assert.EndsWith("@example.net", mail.MessageId, StringComparison.Ordinal);
        Assert.Single(mail.Attachments);
    }

    [Fact]
    public async Task Mails_wait_for_a_server_that_is_down_and_leave_when_it_is_up()
    {
        var port = MailServer.FreePort();
        var process = await StartAsync(port);
        var meeting = Invitations.RemindedInSeconds(0);
        await _scene.ScheduleAsync(meeting);
        await Eventually.BecomesTrue(() => process.Output.Contains("No mail can be sent at the moment", StringComparison.Ordinal), expectation: "a failed attempt");
        Assert.Equal(0, await _scene.SentAsync(meeting));

        await using var server = new MailServer(port);
        await _scene.UntilSentAsync(meeting, 3);

        Assert.Equal(meeting.Addresses(), server.Received.Select(mail => mail.Recipient).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Mails_of_a_meeting_cancelled_while_the_server_is_down_are_never_sent()
    {
        var port = MailServer.FreePort();
        var process = await StartAsync(port);
        var meeting = Invitations.RemindedInSeconds(0);
        await _scene.ScheduleAsync(meeting);
        await Eventually.BecomesTrue(() => process.Output.Contains("No mail can be sent at the moment", StringComparison.Ordinal), expectation: "a failed attempt");
        await _scene.CancelAsync(meeting.Next());
        await _scene.UntilKnownAsync(meeting.Next());

        await using var server = new MailServer(port);
        await Eventually.BecomesTrue(
            async () => await _scene.QueryAsync<long>("select count(*) from notifications.deliveries") == 0, TimeSpan.FromSeconds(30), "the mails are withdrawn");

        Assert.Empty(server.Received);
    }

    [Fact]
    public async Task A_refused_address_is_given_up_and_the_others_get_their_mail()
    {
        await using var server = new MailServer(answerRecipient: recipient => recipient == Invitations.Address(1) ? "550 No such user" : "250 OK");
        await StartAsync(server.Port);
        var meeting = Invitations.RemindedInSeconds(0);
        await _scene.ScheduleAsync(meeting);
        await _scene.UntilSentAsync(meeting, 2);
        await Eventually.BecomesTrue(
            async () => await _scene.QueryAsync<long>("select count(*) from notifications.deliveries where failed_at is not null") == 1, expectation: "one mail is given up");

        Assert.Equal([Invitations.Address(0), Invitations.Address(2)], server.Received.Select(mail => mail.Recipient).Order(StringComparer.Ordinal));
        Assert.Contains("550", await _scene.QueryAsync<string>("select problem from notifications.deliveries where failed_at is not null"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deferred_mail_is_sent_on_a_later_try()
    {
        var tries = new ConcurrentDictionary<string, int>();
        await using var server = new MailServer(answerRecipient: recipient => tries.AddOrUpdate(recipient, 1, (_, n) => n + 1) == 1 ? "451 Greylisted" : "250 OK");
        await StartAsync(server.Port);
        var meeting = Invitations.RemindedInSeconds(0);
        await _scene.ScheduleAsync(meeting);
        await Eventually.BecomesTrue(
            async () => await _scene.QueryAsync<long>("select count(*) from notifications.deliveries where attempts = 1 and due_at > now()") == 3,
            TimeSpan.FromSeconds(30),
            "all three are deferred");

        // Half a minute passes.
        await _scene.ExecuteAsync("update notifications.deliveries set due_at = due_at - interval '30 seconds'");
        await _scene.UntilSentAsync(meeting, 3);

        Assert.Equal(meeting.Addresses(), server.Received.Select(mail => mail.Recipient).Order(StringComparer.Ordinal));
    }

    private Task<ServiceProcess> StartAsync(int port) => _scene.StartProcessAsync(
        ("Smtp:Host", "127.0.0.1"), ("Smtp:Port", $"{port}"), ("Smtp:Tls", "None"), ("Smtp:From", "Meetings <no-reply@example.net>"));
}
