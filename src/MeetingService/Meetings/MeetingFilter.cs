using System.Linq.Expressions;
using MeetingService.Wire;

namespace MeetingService.Meetings;

internal enum FilterOperator
{
    Equal,
    NotEqual,
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
    In,
    NotIn,
}

/// <summary>One condition of a list query, such as <c>start_date[gte]=1764000000</c>.</summary>
internal abstract record MeetingFilter
{
    public abstract IQueryable<Meeting> Apply(IQueryable<Meeting> meetings);

    public static Outcome<MeetingFilter> Read(string field, FilterOperator @operator, IReadOnlyList<string> texts) => field switch
    {
        "_id" => Read(field, meeting => meeting.Id, @operator, texts, TryReadId, "must be 24 hexadecimal characters"),
        "start_date" or "start_at" => Read(field, meeting => meeting.StartsAt, @operator, texts, WireTime.TryParse, DateRule),
        "end_date" or "end_at" => Read(field, meeting => meeting.EndsAt, @operator, texts, WireTime.TryParse, DateRule),
        "created_at" => Read(field, meeting => meeting.CreatedAt, @operator, texts, WireTime.TryParse, DateRule),
        "updated_at" => Read(field, meeting => meeting.UpdatedAt, @operator, texts, WireTime.TryParse, DateRule),
        "scheduled" => Read(field, meeting => meeting.Scheduled, @operator, texts, TryReadFlag, "must be true or false"),
        _ => Problem.Invalid(field, "is not a filter; known are _id, start_date, end_date, created_at, updated_at, scheduled, limit, offset"),
    };

    private const string DateRule = "must be unix seconds or an ISO 8601 date";

    private delegate bool TryRead<T>(string text, out T value);

    private static Outcome<MeetingFilter> Read<T>(
        string field, Expression<Func<Meeting, T>> member, FilterOperator @operator, IReadOnlyList<string> texts, TryRead<T> tryRead, string rule)
    {
        List<T> values = [];
        foreach (var text in texts)
        {
            if (!tryRead(text, out var value))
                return Problem.Invalid(field, rule);
            values.Add(value);
        }

        return typeof(T) != typeof(DateTimeOffset) && !IsForEveryType(@operator)
            ? Problem.Invalid(field, "can be filtered by equality, [ne], [in] and [nin] only")
            : new MeetingFilter<T>(member, @operator, values);
    }

    private static bool IsForEveryType(FilterOperator @operator) =>
        @operator is FilterOperator.Equal or FilterOperator.NotEqual or FilterOperator.In or FilterOperator.NotIn;

    private static bool TryReadId(string text, out string id)
    {
        id = text;
        return MeetingId.IsWellFormed(text);
    }

    private static bool TryReadFlag(string text, out bool flag)
    {
        flag = text is "true" or "1";
        return flag || text is "false" or "0";
    }
}

internal sealed record MeetingFilter<T>(Expression<Func<Meeting, T>> Member, FilterOperator Operator, IReadOnlyList<T> Values) : MeetingFilter
{
    public override IQueryable<Meeting> Apply(IQueryable<Meeting> meetings) =>
        meetings.Where(Expression.Lambda<Func<Meeting, bool>>(Condition(), Member.Parameters));

    private BinaryExpression Condition() => Operator switch
    {
        FilterOperator.In => Values.Select(value => Compare(ExpressionType.Equal, value)).Aggregate(Expression.OrElse),
        FilterOperator.NotIn => Values.Select(value => Compare(ExpressionType.NotEqual, value)).Aggregate(Expression.AndAlso),
        FilterOperator.NotEqual => Compare(ExpressionType.NotEqual, Values[0]),
        FilterOperator.GreaterThan => Compare(ExpressionType.GreaterThan, Values[0]),
        FilterOperator.GreaterThanOrEqual => Compare(ExpressionType.GreaterThanOrEqual, Values[0]),
        FilterOperator.LessThan => Compare(ExpressionType.LessThan, Values[0]),
        FilterOperator.LessThanOrEqual => Compare(ExpressionType.LessThanOrEqual, Values[0]),
        _ => Compare(ExpressionType.Equal, Values[0]),
    };

    private BinaryExpression Compare(ExpressionType type, T value) => Expression.MakeBinary(type, Member.Body, Expression.Constant(value, typeof(T)));
}
