using MeetingService.Wire;

namespace MeetingService.Meetings;

/// <summary>The query string of <c>GET /meetings</c>.</summary>
/// <param name="Id">Set when one meeting is asked for by <c>_id=…</c>; the answer is then one object.</param>
internal sealed record MeetingQuery(string? Id, int Limit, int Offset, IReadOnlyList<MeetingFilter> Filters)
{
    public const int MaximumLimit = 100;

    /// <summary>Beyond it, filter by date: PostgreSQL walks over every skipped meeting.</summary>
    private const int MaximumOffset = 100_000;

    /// <summary>Values of one [in] or [nin].</summary>
    private const int MaximumValues = 100;

    private const int MaximumFilters = 20;

    private static readonly Dictionary<string, FilterOperator> Operators = new(StringComparer.Ordinal)
    {
        ["gt"] = FilterOperator.GreaterThan,
        ["gte"] = FilterOperator.GreaterThanOrEqual,
        ["lt"] = FilterOperator.LessThan,
        ["lte"] = FilterOperator.LessThanOrEqual,
        ["ne"] = FilterOperator.NotEqual,
        ["in"] = FilterOperator.In,
        ["nin"] = FilterOperator.NotIn,
    };

    public static Outcome<MeetingQuery> Read(IQueryCollection query)
    {
        if (query.Count > MaximumFilters)
            return Problem.Invalid(Problem.Base, $"At most {MaximumFilters} parameters are allowed");
        var (limit, offset) = (MaximumLimit, 0);
        string? id = null;
        List<MeetingFilter> filters = [];
        foreach (var (name, values) in query)
        {
            if (name is "limit" or "offset")
            {
                var maximum = name is "limit" ? MaximumLimit : MaximumOffset;
                if (values is not [{ } text] || !int.TryParse(text, out var number) || number < 0 || number > maximum)
                    return Problem.Invalid(name, $"must be a whole number from 0 to {maximum}");
                (limit, offset) = name is "limit" ? (number, offset) : (limit, number);
            }
            else if (name is "_id")
            {
                id = values[^1];
            }
            else
            {
                var filter = ReadFilter(name, [.. values.OfType<string>()]);
                if (!filter.IsSuccess)
                    return filter.Problem;
                filters.Add(filter.Value);
            }
        }

        return new MeetingQuery(id, limit, offset, filters);
    }

    /// <summary>Names are <c>field</c>, <c>field[operator]</c>, <c>field[operator][]</c> and <c>field[]</c>; arrays also come as comma lists.</summary>
    private static Outcome<MeetingFilter> ReadFilter(string name, IReadOnlyList<string> texts)
    {
        var parts = name.Split('[', ']').Where(part => part.Length > 0).ToArray();
        var isArray = name.EndsWith("[]", StringComparison.Ordinal);
        var field = parts.FirstOrDefault("");
        var known = isArray && parts.Length == 1 ? FilterOperator.In : FilterOperator.Equal;
        if (parts.Length > 2 || (parts.Length == 2 && !Operators.TryGetValue(parts[1], out known)))
            return Problem.Invalid(field, $"has an unknown operator; known are {string.Join(", ", Operators.Keys)}");
        var values = known is FilterOperator.In or FilterOperator.NotIn ? texts.SelectMany(text => text.Split(',')).ToList() : texts;
        if (values.Count is 0 or > MaximumValues || (values.Count > 1 && known is not (FilterOperator.In or FilterOperator.NotIn)))
            return Problem.Invalid(field, $"must have one value, or at most {MaximumValues} with [in] and [nin]");
        return MeetingFilter.Read(field, known, values);
    }
}
