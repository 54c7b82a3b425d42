using MeetingService.Contracts;
using NotificationService.Reminders;

namespace NotificationService.UnitTests.Reminders;

public sealed class MeetingMessageTests
{
    public static TheoryData<string, MeetingDetails?> Broken => new()
    {
        { "Meeting", null },
        { "MeetingId", SomeMeeting.Details with { MeetingId = null! } },
        { "MeetingId", SomeMeeting.Details with { MeetingId = "65F1C0FFEE65F1C0FFEE65F1" } },
        { "MeetingId", SomeMeeting.Details with { MeetingId = "../../../../../../etc/pw" } },
        { "MeetingId", SomeMeeting.Details with { MeetingId = "65f1" } },
        { "Version", SomeMeeting.Details with { Version = 0 } },
        { "Name", SomeMeeting.Details with { Name = null! } },
        { "Attendees", SomeMeeting.Details with { Attendees = null! } },
        { "Attendees", SomeMeeting.Details with { Attendees = [.. Enumerable.Repeat(new MeetingAttendee(1, null, null), 1001)] } },
        { "Attendees", SomeMeeting.Details with { Attendees = [null!] } },
        { "NotifyBefore", SomeMeeting.Details with { NotifyBefore = TimeSpan.FromSeconds(-1) } },
        { "NotifyBefore", SomeMeeting.Details with { NotifyBefore = TimeSpan.FromDays(29) } },
        { "EndsAt", SomeMeeting.Details with { EndsAt = SomeMeeting.StartsAt.AddTicks(-1) } },
        { "StartsAt", SomeMeeting.Details with { StartsAt = DateTimeOffset.MinValue } },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_named_with_its_field(string field, MeetingDetails? meeting)
    {
        Assert.StartsWith(field, MeetingMessage.FindProblem(meeting), StringComparison.Ordinal);
    }

    [Fact]
    public void A_usual_meeting_has_no_problem()
    {
        Assert.Null(MeetingMessage.FindProblem(SomeMeeting.Details));
    }

    [Fact]
    public void A_thousand_attendees_are_allowed()
    {
        Assert.Null(MeetingMessage.FindProblem(SomeMeeting.Details with { Attendees = [.. Enumerable.Repeat(new MeetingAttendee(1, null, null), 1000)] }));
    }
}
