using MeetingService.Wire;

namespace MeetingService.Accounts;

/// <summary>A session as clients see it; <paramref name="User"/> is null for a session of the application alone.</summary>
internal sealed record SessionJson(long Id, long UserId, long ApplicationId, string Token, long Ts, string CreatedAt, string UpdatedAt, UserJson? User)
{
    public static SessionJson From(Session session, string token, User? user) => new(
        session.Id,
        session.UserId,
        session.ApplicationId,
        token,
        session.CreatedAt.ToUnixTimeSeconds(),
        WireTime.ToIso(session.CreatedAt),
        WireTime.ToIso(session.LastRequestAt),
        user is null ? null : UserJson.From(user));
}

internal sealed record SessionAnswer(SessionJson Session);
