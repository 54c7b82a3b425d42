namespace MeetingService.Accounts;

/// <summary>Who makes this request: the stored session, which knows more than the token (it may have been upgraded, renewed or ended since).</summary>
internal sealed record Caller(Session Session, string Token)
{
    public long UserId => Session.UserId;

    public long ApplicationId => Session.ApplicationId;

    /// <summary>Bound by minimal APIs; present wherever the route requires authorization.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => new(context.Features.Get<Caller>());
}
