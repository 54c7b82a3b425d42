using MeetingService.Meetings;
using MeetingService.Wire;

namespace MeetingService.UnitTests.Meetings;

public sealed class ChangeMeetingTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly Meeting Meeting = Sample.Meeting();

    [Fact]
    public void Nothing_given_changes_nothing() => Assert.Empty(ChangeMeeting.Decide(new(), Meeting, Now).Value!);

    [Fact]
    public void What_is_given_as_it_stands_changes_nothing()
    {
        var same = new MeetingFields
        {
            Name = Meeting.Name,
            StartsAt = Meeting.StartsAt,
            EndsAt = Meeting.EndsAt,
            Attendees = [.. Meeting.Attendees],
            Record = Meeting.Record,
            NotifyBefore = Meeting.NotifyBefore,
            TimeZone = Meeting.TimeZone,
        };

        Assert.Empty(ChangeMeeting.Decide(same, Meeting, Now).Value!);
    }

    [Fact]
    public void Each_aspect_becomes_an_event_of_its_own()
    {
        var fields = new MeetingFields { Name = "New", StartsAt = Meeting.StartsAt.AddMinutes(1), Record = true, NotifyBefore = new Optional<NotifyBefore?>(true, null) };

        var events = ChangeMeeting.Decide(fields, Meeting, Now).Value!;

        Assert.Equal(
            [
                new MeetingRenamed("New", Now),
                new MeetingRescheduled(Meeting.StartsAt.AddMinutes(1), Meeting.EndsAt, Now),
                new RecordingSwitched(true, Now),
                new ReminderChanged(Meeting.Notify, null, Now),
            ],
            events);
    }

    [Fact]
    public void New_start_is_held_against_the_end_that_stays()
    {
        var problem = ChangeMeeting.Decide(new() { StartsAt = Meeting.EndsAt }, Meeting, Now).Problem;

        Assert.Equal(["must be later than start_date"], problem!.Errors["end_date"]);
    }

    [Fact]
    public void Events_rebuild_the_meeting_that_they_describe()
    {
        var fields = new MeetingFields { Name = "New", Public = true, Scheduled = true, Attendees = [new(9, null)], TimeZone = new MeetingTimeZone(0, "UTC") };

        var after = ChangeMeeting.Decide(fields, Meeting, Now).Value!.Aggregate(Meeting, (state, happened) => Meeting.After(state, happened, state.Version + 1)!);

        Assert.Equal(("New", true, true, Now, 6L), (after.Name, after.Public, after.Scheduled, after.UpdatedAt, after.Version));
        Assert.True(after.IsParticipant(9, null));
        Assert.False(after.IsParticipant(2, "guest@example.org"));
        Assert.True(after.IsParticipant(after.HostId, null));
        Assert.Equal(Meeting.CreatedAt, after.CreatedAt);
        Assert.Null(Meeting.After(after, new MeetingCancelled(Now), 7));
    }
}
