using NotificationService.Mail;

namespace NotificationService.UnitTests.Mail;

public sealed class MeetingTimeTests
{
    [Theory]
    [InlineData("Europe/Riga", "Sun 22 Nov 2026, 19:00 - 20:00 (Europe/Riga, UTC+02:00)")]
    [InlineData("America/St_Johns", "Sun 22 Nov 2026, 13:30 - 14:30 (America/St_Johns, UTC-03:30)")]
    [InlineData("Pacific/Kiritimati", "Mon 23 Nov 2026, 07:00 - 08:00 (Pacific/Kiritimati, UTC+14:00)")]
    [InlineData("No/Such_Zone", "Sun 22 Nov 2026, 17:00 - 18:00 (UTC)")]
    [InlineData("../../etc/passwd", "Sun 22 Nov 2026, 17:00 - 18:00 (UTC)")]
    [InlineData("", "Sun 22 Nov 2026, 17:00 - 18:00 (UTC)")]
    [InlineData(null, "Sun 22 Nov 2026, 17:00 - 18:00 (UTC)")]
    public void A_meeting_is_told_in_its_own_time_zone(string? zone, string expected)
    {
        Assert.Equal(expected, MeetingTime.Of(SomeMeeting.Details with { TimeZoneName = zone }).Span);
    }

    [Fact]
    public void Summer_time_follows_the_day_of_the_meeting()
    {
        var start = new DateTimeOffset(2026, 7, 1, 17, 0, 0, TimeSpan.Zero);

        Assert.Equal("Wed 1 Jul 2026, 20:00 (Europe/Riga)", MeetingTime.Of(SomeMeeting.Details with { StartsAt = start, EndsAt = start.AddHours(1) }).Start);
    }

    [Fact]
    public void A_meeting_over_midnight_names_both_days()
    {
        var meeting = SomeMeeting.Details with { EndsAt = SomeMeeting.StartsAt.AddHours(6) };

        Assert.Equal("Sun 22 Nov 2026, 19:00 - Mon 23 Nov 2026, 01:00 (Europe/Riga, UTC+02:00)", MeetingTime.Of(meeting).Span);
    }

    [Fact]
    public void The_ends_of_time_are_told_without_failing()
    {
        var meeting = SomeMeeting.Details with { StartsAt = DateTimeOffset.MaxValue, EndsAt = DateTimeOffset.MaxValue };

        Assert.Contains("9999", MeetingTime.Of(meeting).Span, StringComparison.Ordinal);
    }
}
