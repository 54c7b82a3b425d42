using System.Text.Json.Nodes;
using Platform.EndToEndTests.Calls;
using Platform.EndToEndTests.Failures;
using Platform.Testing;

namespace Platform.EndToEndTests.Reminders;

/// <summary>A reminder is sent once, whatever happens to the service that sends it.</summary>
public sealed class ReminderTests(RunningPlatform platform)
{
    private const int NotifyBeforeMinutes = 5;

    /// <summary>Room for two deaths and new starts before the reminder is due.</summary>
    private static readonly TimeSpan DueIn = TimeSpan.FromSeconds(60);

    /// <summary>So long before it is due the service dies the second time: shorter than its new start.</summary>
    private static readonly TimeSpan LastDeath = TimeSpan.FromSeconds(2);

    /// <summary>The service looks for what is left at its start and every second; a second mail would have come by then.</summary>
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Each_attendee_is_reminded_once_though_the_service_is_killed_twice_before()
    {
        var host = await platform.OpenGuestSessionAsync("Host");
        var due = DateTimeOffset.UtcNow + DueIn;
        var start = due.AddMinutes(NotifyBeforeMinutes);
        var meeting = await platform.ScheduleMeetingAsync(host, new()
        {
            ["name"] = "Quarterly review",
            ["start_date"] = start.ToUnixTimeSeconds(),
            ["end_date"] = start.AddHours(1).ToUnixTimeSeconds(),
            ["attendees"] = new JsonArray(new JsonObject { ["email"] = "ann@example.org" }, new JsonObject { ["email"] = "bob@example.org" }),
            ["notify"] = true,
            ["notify_before"] = new JsonObject { ["metric"] = "minutes", ["value"] = NotifyBeforeMinutes },
        });

        await platform.KillAndAwaitRestartAsync("notifications", () => Task.CompletedTask);
        Assert.Empty(Mails(meeting));
        await Eventually.BecomesTrue(() => DateTimeOffset.UtcNow >= due - LastDeath, DueIn, "the reminder is nearly due");
        Assert.Empty(Mails(meeting));
        await platform.KillAndAwaitRestartAsync("notifications", () => Task.CompletedTask);

        await Eventually.BecomesTrue(() => Mails(meeting).Count >= 2, CallRoom.Patience, "both attendees are reminded");
        Assert.True(DateTimeOffset.UtcNow >= due.AddSeconds(-1), "nobody is reminded early");
        await Task.Delay(Aftermath, TestContext.Current.CancellationToken);
        var mails = Mails(meeting);
        Assert.Equal(["ann@example.org", "bob@example.org"], mails.Select(mail => mail.Recipient).Order());
        Assert.All(mails, mail => Assert.Contains("text/calendar", mail.Text, StringComparison.Ordinal));
    }

    private List<Mail> Mails(string meeting) => !Directory.Exists(platform.Outbox) ? [] :
        [.. Directory.EnumerateFiles(platform.Outbox, "*.eml").Select(Mail.Read).Where(mail => mail.IsAbout(meeting))];
}
