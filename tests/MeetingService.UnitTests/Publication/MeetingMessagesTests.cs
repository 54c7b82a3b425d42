using MeetingService.Accounts;
using MeetingService.Meetings;
using MeetingService.Publication;
using MeetingService.UnitTests.Meetings;

namespace MeetingService.UnitTests.Publication;

public sealed class MeetingMessagesTests
{
    private static readonly Guid EventId = Guid.NewGuid();

    [Fact]
    public void Another_application_s_user_tells_nothing()
    {
        var meeting = Sample.Meeting() with { Attendees = [new(2, null), new(3, null)] };
        var users = new[] { User(1, 1), User(2, 1), User(3, application: 2) }.ToDictionary(user => user.Id);

        var message = Assert.IsType<Contracts.MeetingScheduled>(MeetingMessages.From(Sample.Scheduled(), EventId, meeting, 1, users));

        Assert.Equal(
            [new Contracts.MeetingAttendee(2, "2@example.org", "Name 2"), new Contracts.MeetingAttendee(3, null, null)],
            message.Meeting.Attendees);
        Assert.Equal(("Name 1", "1@example.org"), (message.Meeting.HostName, message.Meeting.HostEmail));
        Assert.Equal(TimeSpan.FromMinutes(10), message.Meeting.NotifyBefore);
    }

    [Fact]
    public void Each_kind_of_event_has_its_message()
    {
        Assert.IsType<Contracts.MeetingChanged>(From(new MeetingRenamed("x", default)));
        Assert.IsType<Contracts.MeetingCancelled>(From(new MeetingCancelled(default)));

        static object From(IMeetingEvent happened) => MeetingMessages.From(happened, EventId, Sample.Meeting(), 2, new Dictionary<long, User>());
    }

    private static User User(long id, long application) => new()
    {
        Id = id,
        ApplicationId = application,
        Email = $"{id}@example.org",
        FullName = $"Name {id}",
        CreatedAt = default,
        UpdatedAt = default,
    };
}
