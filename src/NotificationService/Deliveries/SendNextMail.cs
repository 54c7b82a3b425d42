using MeetingService.Contracts;
using MimeKit;
using NotificationService.Mail;
using NotificationService.Reminders;
using Npgsql;

namespace NotificationService.Deliveries;

internal enum SendStep
{
    NothingDue,
    Done,
    TransportUnavailable,
}

/// <summary>
/// Sends one mail that is due: claim its row, send, record it as sent. The claim is the row's lock, so no two senders take the same mail, and the
/// claim of a process that dies is free again the moment PostgreSQL sees its connection close, with no lease to wait for.
/// </summary>
/// <remarks>
/// What is left: a process that dies after the mail server's "250" and before the commit sends the mail again when it is back, with the
/// same Message-ID. No protocol between two systems can close that gap; files close it, since the repetition replaces its own file.
/// </remarks>
internal sealed partial class SendNextMail(
    NpgsqlDataSource dataSource, MailOptions options, TimeProvider time, NotificationTelemetry telemetry, ILogger<SendNextMail> log)
{
    /// <summary>Longest attempt to send one mail, with connecting.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// A claim whose holder vanished without closing its connection (a machine that lost power) is taken back by PostgreSQL after this many
    /// milliseconds; longer than <see cref="SendTimeout"/>, so never from one that is at work.
    /// </summary>
    private const string ClaimLimit = "set local idle_in_transaction_session_timeout = 30000";

    private const string Claim =
        """
        select d.starts_at, d.address, d.created_at, d.attempts, m.details, m.cancelled, m.remind_at
        from deliveries d join meetings m using (meeting_id)
        where d.sent_at is null and d.failed_at is null and d.due_at <= now()
        order by d.due_at
        limit 1
        for update of d skip locked
        """;

    public async Task<SendStep> HandleAsync(IMailSession session, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await ClaimAsync(connection, cancellationToken) is not { } delivery)
            return SendStep.NothingDue;

        var step = DeliveryPlan.Decide(delivery, time.GetUtcNow()) switch
        {
            DeliveryPlan.Send(var recipient) => await SendAsync(connection, session, delivery, recipient, cancellationToken),
            DeliveryPlan.GiveUp(var reason) => await GiveUpAsync(connection, delivery, reason),
            DeliveryPlan.Withdraw(var reason) => await WithdrawAsync(connection, delivery, reason),
            var plan => throw new InvalidOperationException($"Unknown plan {plan}."),
        };
        await transaction.CommitAsync(CancellationToken.None);
        return step;
    }

    private async Task<SendStep> SendAsync(
        NpgsqlConnection connection, IMailSession session, Delivery delivery, Recipient recipient, CancellationToken cancellationToken)
    {
        using var activity = telemetry.Activities.StartActivity("send reminder");
        var meeting = delivery.Meeting.Details;
        activity?.SetTag("meeting.id", meeting.MeetingId);
        if (Render(meeting, recipient) is not { } message)
            return await GiveUpAsync(connection, delivery, "it cannot be written");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(SendTimeout);
        var outcome = await session.SendAsync(ReminderMail.NameOf(meeting, recipient), message, patience.Token);
        // The service is stopping: the attempt was not the mail's failure.
        if (outcome.Result is not SendResult.Accepted)
            cancellationToken.ThrowIfCancellationRequested();
        return await RecordAsync(connection, delivery, outcome);
    }

    /// <summary>Every failure counts, whatever its kind: one meeting's odd text must not stop the mails of all others.</summary>
    private MimeMessage? Render(MeetingDetails meeting, Recipient recipient)
    {
        try
        {
            return ReminderMail.Render(meeting, recipient, options, time.GetUtcNow());
        }
        catch (Exception problem)
        {
            LogUnwritable(meeting.MeetingId, problem);
            return null;
        }
    }

    private async Task<SendStep> RecordAsync(NpgsqlConnection connection, Delivery delivery, SendOutcome outcome)
    {
        if (outcome.Result is not SendResult.Accepted)
            telemetry.MailFailed(outcome.Result.ToString());
        switch (outcome.Result)
        {
            case SendResult.Accepted:
                await UpdateAsync(connection, delivery, "set sent_at = now()");
                telemetry.MailSent();
                return SendStep.Done;
            case SendResult.Rejected:
                return await GiveUpAsync(connection, delivery, $"the server refused it: {outcome.Problem}");
            case SendResult.Deferred:
                var wait = Backoff.OfMail.After(delivery.Attempts);
                LogDeferred(delivery.Meeting.Details.MeetingId, wait, outcome.Problem);
                await UpdateAsync(connection, delivery, "set attempts = attempts + 1, due_at = now() + $4, problem = $5", wait, outcome.Problem ?? "");
                return SendStep.Done;
            default:
                LogUnavailable(outcome.Problem);
                return SendStep.TransportUnavailable;
        }
    }

    private async Task<SendStep> GiveUpAsync(NpgsqlConnection connection, Delivery delivery, string reason)
    {
        LogGivenUp(delivery.Meeting.Details.MeetingId, reason);
        await UpdateAsync(connection, delivery, "set failed_at = now(), problem = $4", reason);
        return SendStep.Done;
    }

    private async Task<SendStep> WithdrawAsync(NpgsqlConnection connection, Delivery delivery, string reason)
    {
        LogWithdrawn(delivery.Meeting.Details.MeetingId, reason);
        await ExecuteAsync(connection, "delete from deliveries where meeting_id = $1 and starts_at = $2 and address = $3", delivery);
        return SendStep.Done;
    }

    private static async Task<Delivery?> ClaimAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(ClaimLimit), new(Claim) } };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new(
                reader.GetFieldValue<DateTimeOffset>(0),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetInt32(3),
                TrackedMeeting.Read(reader, firstColumn: 4))
            : null;
    }

    private static Task UpdateAsync(NpgsqlConnection connection, Delivery delivery, string change, params object[] values) =>
        ExecuteAsync(connection, $"update deliveries {change} where meeting_id = $1 and starts_at = $2 and address = $3", delivery, values);

    /// <summary>Not cancellable: what was done must be recorded, also while the service stops.</summary>
    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, Delivery delivery, params object[] values)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        foreach (var value in (object[])[delivery.Meeting.Details.MeetingId, delivery.StartsAt, delivery.Address, .. values])
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(LogLevel.Error, "Meeting {MeetingId}: a mail cannot be written")]
    private partial void LogUnwritable(string meetingId, Exception problem);

    [LoggerMessage(LogLevel.Warning, "Meeting {MeetingId}: a mail is deferred for {Wait}: {Problem}")]
    private partial void LogDeferred(string meetingId, TimeSpan wait, string? problem);

    [LoggerMessage(LogLevel.Warning, "No mail can be sent at the moment: {Problem}")]
    private partial void LogUnavailable(string? problem);

    [LoggerMessage(LogLevel.Error, "Meeting {MeetingId}: a mail is given up: {Reason}")]
    private partial void LogGivenUp(string meetingId, string reason);

    [LoggerMessage(LogLevel.Information, "Meeting {MeetingId}: a mail is withdrawn: {Reason}")]
    private partial void LogWithdrawn(string meetingId, string reason);
}
