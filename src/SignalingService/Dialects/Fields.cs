using System.Globalization;
using System.Text.Json;
using SignalingService.Sessions;

namespace SignalingService.Dialects;

/// <summary>
/// Reads the members of one JSON object. The first that is missing or wrong becomes the <see cref="Problem"/>, which names it and the
/// rule; reading goes on with nulls. A member that is null counts as absent, as old clients send all of them.
/// </summary>
internal sealed class Fields(JsonElement owner, int missingCode, int invalidCode, string prefix = "")
{
    /// <summary>Entries of any list; a room's streams fit many times over.</summary>
    private const int ListLimit = 2048;

    /// <summary>2^53 - 1: the last integer that a JavaScript number keeps exactly.</summary>
    private const ulong LargestId = (1UL << 53) - 1;

    public Refusal? Problem { get; private set; }

    public void Reject(string name, string rule) => Problem ??= new(invalidCode, $"Invalid element ({prefix}{name}: {rule})");

    public void Require(string name, bool isThere)
    {
        if (!isThere)
            Problem ??= new(missingCode, $"Missing element ({prefix}{name})");
    }

    /// <summary>Takes over what was wrong within a member, unless something was wrong before.</summary>
    public void Adopt(Refusal? problem) => Problem ??= problem;

    public string? Text(string name, int longest, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= longest)
            return text;
        Reject(name, $"a string of at most {longest} characters expected");
        return null;
    }

    /// <summary>An id: a number, or its digits in a string.</summary>
    public ulong? Id(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        var digits = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        if (ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id is > 0 and <= LargestId)
            return id;
        Reject(name, "a positive integer below 2^53 expected");
        return null;
    }

    public uint? Number(string name)
    {
        if (Find(name, required: false) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var number))
            return number;
        Reject(name, "an integer from 0 to 4294967295 expected");
        return null;
    }

    public bool? Flag(string name)
    {
        if (Find(name, required: false) is not { } value)
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Reject(name, "true or false expected");
        return null;
    }

    public JsonElement? Object(string name, bool required = false)
    {
        if (Find(name, required) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return value;
        Reject(name, "an object expected");
        return null;
    }

    /// <summary>A list of objects, each read by <paramref name="read"/>.</summary>
    public IReadOnlyList<T> List<T>(string name, Func<Fields, T> read)
    {
        if (Find(name, required: false) is not { } value)
            return [];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > ListLimit)
        {
            Reject(name, $"a list of at most {ListLimit} objects expected");
            return [];
        }
        var result = new List<T>();
        foreach (var (index, element) in value.EnumerateArray().Index())
        {
            var path = $"{name}[{index}]";
            if (element.ValueKind != JsonValueKind.Object)
            {
                Reject(path, "an object expected");
                break;
            }
            var fields = new Fields(element, missingCode, invalidCode, $"{prefix}{path}.");
            result.Add(read(fields));
            Adopt(fields.Problem);
        }
        return result;
    }

    /// <summary>A room's id: a string, or a number that is taken for its digits.</summary>
    public string? Room(bool required)
    {
        if (Find("room", required) is { ValueKind: JsonValueKind.Number } number)
            return number.GetRawText();
        return Text("room", longest: 64, required);
    }

    private JsonElement? Find(string name, bool required)
    {
        if (owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
            return value;
        Require(name, !required);
        return null;
    }
}
