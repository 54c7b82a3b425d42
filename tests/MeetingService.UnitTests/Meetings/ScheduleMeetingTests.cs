using MeetingService.Meetings;
using MeetingService.Wire;

namespace MeetingService.UnitTests.Meetings;

public sealed class ScheduleMeetingTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly MeetingFields Least = new() { Name = "x", StartsAt = Sample.Start, EndsAt = Sample.Start.AddHours(1) };

    [Fact]
    public void Least_that_is_given_makes_a_private_meeting_without_anything_else()
    {
        var scheduled = Decide(Least).Value!;

        Assert.Equal((7L, 1L, Now), (scheduled.HostId, scheduled.ApplicationId, scheduled.At));
        Assert.Empty(scheduled.Attendees);
        Assert.False(scheduled.Record || scheduled.Public || scheduled.Scheduled || scheduled.Notify);
        Assert.Null(scheduled.NotifyBefore);
        Assert.Null(scheduled.TimeZone);
        Assert.Null(scheduled.ChatDialogId);
    }

    [Fact]
    public void Chat_gets_a_dialog() => Assert.Equal("dialog", Decide(Least, withChat: true).Value!.ChatDialogId);

    [Theory]
    [InlineData(-1, "must be later than start_date")]
    [InlineData(0, "must be later than start_date")]
    [InlineData((366 * 86_400) + 1, "must be at most 366 days after start_date")]
    public void Period_out_of_order_is_refused(int seconds, string rule) =>
        Assert.Equal([rule], Decide(Least with { EndsAt = Sample.Start.AddSeconds(seconds) }).Problem!.Errors["end_date"]);

    [Theory]
    [InlineData(1)]
    [InlineData(366 * 86_400)]
    public void Period_at_its_bounds_is_allowed(int seconds) => Assert.True(Decide(Least with { EndsAt = Sample.Start.AddSeconds(seconds) }).IsSuccess);

    private static Outcome<MeetingScheduled> Decide(MeetingFields fields, bool withChat = false) =>
        ScheduleMeeting.Decide(new(fields, withChat), "meeting", "dialog", hostId: 7, applicationId: 1, Now);
}
