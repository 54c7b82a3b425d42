using System.Text.Json.Serialization;
using MeetingService.Wire;

namespace MeetingService.Meetings;

/// <summary>A meeting as clients see it.</summary>
internal sealed record MeetingJson(
    [property: JsonPropertyName("_id")] string Id,
    string Name,
    long StartDate,
    long EndDate,
    IReadOnlyList<MeetingJson.AttendeeJson> Attendees,
    bool Record,
    bool Public,
    bool Scheduled,
    bool Notify,
    MeetingJson.NotifyBeforeJson? NotifyBefore,
    MeetingJson.TimeZoneJson? Timezone,
    string? ChatDialogId,
    long HostId,
    string CreatedAt,
    string UpdatedAt)
{
    public static MeetingJson From(Meeting meeting) => new(
        meeting.Id,
        meeting.Name,
        meeting.StartsAt.ToUnixTimeSeconds(),
        meeting.EndsAt.ToUnixTimeSeconds(),
        [.. meeting.Attendees.Select(attendee => new AttendeeJson(attendee.Id, attendee.Email))],
        meeting.Record,
        meeting.Public,
        meeting.Scheduled,
        meeting.Notify,
        meeting.NotifyBefore is { } before ? new(NameOf(before.Metric), before.Value) : null,
        meeting.TimeZone is { } zone ? new(zone.Offset, zone.Name) : null,
        meeting.ChatDialogId,
        meeting.HostId,
        WireTime.ToIso(meeting.CreatedAt),
        WireTime.ToIso(meeting.UpdatedAt));

    private static string NameOf(NotifyMetric metric) => metric switch
    {
        NotifyMetric.Minutes => "minutes",
        NotifyMetric.Hours => "hours",
        NotifyMetric.Days => "days",
        _ => "weeks",
    };

    /// <summary>An attendee known by only one of the two has only that member.</summary>
    internal sealed record AttendeeJson(
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Id,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Email);

    internal sealed record NotifyBeforeJson(string Metric, int Value);

    internal sealed record TimeZoneJson(int Offset, string? Name);
}
