namespace MeetingService.Accounts;

/// <summary>One token's session. It lives while requests come in, at most as long as the token.</summary>
internal sealed record Session
{
    public long Id { get; set; }

    public required long ApplicationId { get; init; }

    /// <summary>0 for a session of the application alone.</summary>
    public required long UserId { get; init; }

    public required bool IsGuest { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset LastRequestAt { get; init; }

    /// <summary>When the session ends if no further request comes.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public required DateTimeOffset TokenExpiresAt { get; init; }
}

/// <summary>How long sessions and tokens last.</summary>
internal static class SessionLifetimes
{
    public static readonly TimeSpan Token = TimeSpan.FromHours(24);

    /// <summary>A write per request would make PostgreSQL the limit of how fast requests are served.</summary>
    public static readonly TimeSpan LeastTimeBetweenRenewals = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Idle = TimeSpan.FromHours(2);
    private static readonly TimeSpan GuestIdle = TimeSpan.FromDays(1);

    public static DateTimeOffset ExpiryAfterRequest(DateTimeOffset now, bool isGuest, DateTimeOffset tokenExpiresAt)
    {
        var idleExpiry = now + (isGuest ? GuestIdle : Idle);
        return idleExpiry < tokenExpiresAt ? idleExpiry : tokenExpiresAt;
    }
}
