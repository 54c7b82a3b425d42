using MeetingService.Contracts;

namespace NotificationService.UnitTests;

/// <summary>A meeting to start from; tests change what they are about.</summary>
internal static class SomeMeeting
{
    public const string Id = "65f1c0ffee65f1c0ffee65f1";

    public static readonly DateTimeOffset StartsAt = new(2026, 11, 22, 17, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset RemindAt = StartsAt.AddMinutes(-10);

    public static readonly MeetingDetails Details = new(
        Id, Version: 3, ApplicationId: 1, "Weekly", StartsAt, StartsAt.AddHours(1), HostUserId: 7, "Anna Host", "anna@example.org",
        Notify: true, TimeSpan.FromMinutes(10), "Europe/Riga", [new(8, "ben@example.org", "Ben"), new(null, "eve@example.com", null)]);
}
