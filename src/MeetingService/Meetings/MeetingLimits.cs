namespace MeetingService.Meetings;

/// <summary>Bounds on what a meeting may be.</summary>
internal static class MeetingLimits
{
    /// <summary>Characters.</summary>
    public const int Name = 255;

    /// <summary>An event and a read model hold them all, so they must stay well below a megabyte.</summary>
    public const int Attendees = 1000;

    /// <summary>Rooms are open for months at most; the leap day is allowed for.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromDays(366);

    /// <summary>Largest whole number that JavaScript holds exactly (2^53 - 1).</summary>
    public const long UserId = 9_007_199_254_740_991;

    /// <summary>Minutes east or west of UTC; the farthest zone is at +14:00.</summary>
    public const int ZoneOffsetMinutes = 14 * 60;

    /// <summary>Characters; the longest IANA name has 32.</summary>
    public const int ZoneName = 64;
}
