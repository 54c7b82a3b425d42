namespace SignalingService.Sessions;

/// <param name="SessionsPerConnection">Janus sessions on one WebSocket; the SDK makes one.</param>
/// <param name="HandlesPerSession">One for publishing and one per publisher that is watched.</param>
/// <param name="SessionTimeout">A session without any request for so long ends; clients send a keep-alive each 25 to 30 s.</param>
internal sealed record SessionLimits(int SessionsPerConnection, int HandlesPerSession, TimeSpan SessionTimeout);
