using System.Text.Json;

namespace MeetingService.Wire;

/// <summary>
/// Takes typed members out of an untrusted JSON object. A member that is absent or null reads as null; one that breaks its rule reads as null too
/// and is remembered in <see cref="Problem"/>, so that one answer names every mistake.
/// </summary>
internal sealed class FieldReader(JsonElement body)
{
    /// <summary>Texts per answer: a body of a thousand broken attendees needs no thousand texts.</summary>
    private const int MaximumTexts = 20;

    private readonly Dictionary<string, string[]> _errors = [];
    private int _texts;

    public Problem? Problem => _errors.Count == 0 ? null : new(StatusCodes.Status422UnprocessableEntity, _errors);

    public void Refuse(string field, string rule)
    {
        if (_texts++ < MaximumTexts)
            _errors[field] = [.. _errors.GetValueOrDefault(field, []), rule];
    }

    public bool Has(string field) => body.TryGetProperty(field, out _);

    public bool TryGet(string field, out JsonElement value) =>
        body.TryGetProperty(field, out value) && value.ValueKind != JsonValueKind.Null;

    public string? Text(string field, int maximumLength)
    {
        if (!TryGet(field, out var value))
            return null;
        if (WireText.Read(value, maximumLength, out var rule) is { } text)
            return text;
        Refuse(field, rule);
        return null;
    }

    public bool? Flag(string field)
    {
        if (!TryGet(field, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Refuse(field, "must be true or false");
        return null;
    }

    public DateTimeOffset? UnixSeconds(string field)
    {
        if (!TryGet(field, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && WireTime.TryFromUnixSeconds(seconds, out var moment))
            return moment;
        Refuse(field, WireTime.UnixSecondsRule);
        return null;
    }

    /// <summary>A nested object with a reader of its own, whose refusals the caller passes on.</summary>
    public FieldReader? Nested(string field)
    {
        if (!TryGet(field, out var value))
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return new(value);
        Refuse(field, "must be an object");
        return null;
    }

    /// <summary>A whole number; some clients send ids as text.</summary>
    public long? Whole(string field, long minimum, long maximum, bool orText = false)
    {
        if (!TryGet(field, out var value))
            return null;
        if (TryWhole(value, orText, out var number) && number >= minimum && number <= maximum)
            return number;
        Refuse(field, $"must be a whole number from {minimum} to {maximum}");
        return null;
    }

    /// <summary>Takes over what a nested reader refused, under this object's field.</summary>
    public void RefuseAll(string field, FieldReader nested, string prefix = "")
    {
        foreach (var (inner, rules) in nested._errors)
        {
            foreach (var rule in rules)
                Refuse(field, $"{prefix}{inner} {rule}");
        }
    }

    private static bool TryWhole(JsonElement value, bool orText, out long number)
    {
        number = 0;
        return value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out number),
            JsonValueKind.String when orText => WireText.TryGetString(value, out var text) && long.TryParse(text, out number),
            _ => false,
        };
    }
}
