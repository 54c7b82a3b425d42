using MeetingService.Meetings;

namespace MeetingService.UnitTests.Meetings;

/// <summary>A meeting with something in every member.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    public static MeetingScheduled Scheduled() => new(
        "00000000000000000000000a",
        ApplicationId: 1,
        HostId: 1,
        "Stand-up",
        Start,
        Start.AddHours(1),
        [new(2, "guest@example.org")],
        Record: false,
        Public: false,
        Scheduled: false,
        Notify: true,
        new(NotifyMetric.Minutes, 10),
        new(120, "Europe/Riga"),
        "0000000000000000000000dd",
        DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123));

    public static Meeting Meeting() => global::MeetingService.Meetings.Meeting.From(Scheduled());
}
