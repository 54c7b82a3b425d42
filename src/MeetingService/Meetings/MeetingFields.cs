using System.Text.Json;
using MeetingService.Wire;

namespace MeetingService.Meetings;

/// <summary>What a request says about a meeting; null where it says nothing. Unknown members are ignored: clients send whole meetings back.</summary>
internal sealed record MeetingFields
{
    public string? Name { get; init; }

    public DateTimeOffset? StartsAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public IReadOnlyList<Attendee>? Attendees { get; init; }

    public bool? Record { get; init; }

    public bool? Public { get; init; }

    public bool? Scheduled { get; init; }

    public bool? Notify { get; init; }

    public Optional<NotifyBefore?> NotifyBefore { get; init; }

    public Optional<MeetingTimeZone?> TimeZone { get; init; }

    public static MeetingFields Read(FieldReader fields) => new()
    {
        Name = ReadName(fields),
        StartsAt = fields.UnixSeconds("start_date"),
        EndsAt = fields.UnixSeconds("end_date"),
        Attendees = ReadAttendees(fields),
        Record = fields.Flag("record"),
        Public = fields.Flag("public"),
        Scheduled = fields.Flag("scheduled"),
        Notify = fields.Flag("notify"),
        NotifyBefore = fields.Has("notify_before") ? ReadNotifyBefore(fields) : default(Optional<NotifyBefore?>),
        TimeZone = fields.Has("timezone") ? ReadTimeZone(fields) : default(Optional<MeetingTimeZone?>),
    };

    private static string? ReadName(FieldReader fields)
    {
        var name = fields.Text("name", MeetingLimits.Name);
        if (name is not null && string.IsNullOrWhiteSpace(name))
            fields.Refuse("name", "must not be empty");
        return name;
    }

    private static IReadOnlyList<Attendee>? ReadAttendees(FieldReader fields)
    {
        const string field = "attendees";
        if (!fields.TryGet(field, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Array)
            fields.Refuse(field, "must be an array");
        else if (value.GetArrayLength() > MeetingLimits.Attendees)
            fields.Refuse(field, $"must be at most {MeetingLimits.Attendees}");
        else
            return [.. value.EnumerateArray().Select((item, index) => ReadAttendee(fields, item, index)).OfType<Attendee>().Distinct()];
        return null;
    }

    private static Attendee? ReadAttendee(FieldReader fields, JsonElement item, int index)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            fields.Refuse("attendees", $"[{index}] must be an object with id or email");
            return null;
        }

        var attendee = new FieldReader(item);
        var id = attendee.Whole("id", 1, MeetingLimits.UserId);
        var given = attendee.Text("email", WireText.MaximumEmailLength);
        var email = given is null ? null : WireText.NormalizeEmail(given);
        if (given is not null && email is null)
            attendee.Refuse("email", "must be an e-mail address");
        if (attendee.Problem is null && id is null && email is null)
            attendee.Refuse("id", "or email is required");
        fields.RefuseAll("attendees", attendee, $"[{index}] ");
        return attendee.Problem is null ? new(id, email) : null;
    }

    private static NotifyBefore? ReadNotifyBefore(FieldReader fields)
    {
        const string field = "notify_before";
        if (fields.Nested(field) is not { } nested)
            return null;
        NotifyMetric? metric = nested.Text("metric", maximumLength: 16) switch
        {
            "minutes" => NotifyMetric.Minutes,
            "hours" => NotifyMetric.Hours,
            "days" => NotifyMetric.Days,
            "weeks" => NotifyMetric.Weeks,
            _ => null,
        };
        if (metric is null)
        {
            fields.Refuse(field, "metric must be minutes, hours, days or weeks");
            return null;
        }

        var (minimum, maximum) = Meetings.NotifyBefore.Ranges[metric.Value];
        var value = nested.Whole("value", minimum, maximum);
        if (value is null && nested.Problem is null)
            nested.Refuse("value", "is required");
        fields.RefuseAll(field, nested);
        return value is null ? null : new(metric.Value, (int)value.Value);
    }

    private static MeetingTimeZone? ReadTimeZone(FieldReader fields)
    {
        const string field = "timezone";
        if (fields.Nested(field) is not { } nested)
            return null;
        var offset = nested.Whole("offset", -MeetingLimits.ZoneOffsetMinutes, MeetingLimits.ZoneOffsetMinutes);
        var name = nested.Text("name", MeetingLimits.ZoneName);
        if (offset is null && nested.Problem is null)
            nested.Refuse("offset", "is required");
        fields.RefuseAll(field, nested);
        return offset is null ? null : new((int)offset.Value, name);
    }
}
