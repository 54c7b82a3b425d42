namespace MeetingService.Contracts;

/// <summary>A session was ended (by its user, or by idling) before its token ran out: no service may accept the token any longer.</summary>
/// <param name="SessionId">The token's <c>sid</c> claim.</param>
/// <param name="TokenExpiresAt">After this moment the token is refused anyway, and the session can be forgotten.</param>
public sealed record SessionEnded(long SessionId, DateTimeOffset TokenExpiresAt);
