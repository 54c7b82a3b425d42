using System.Collections.Concurrent;
using MassTransit;
using MeetingService.Contracts;

namespace ServiceDefaults;

/// <summary>Sessions that ended while their tokens are still valid. Each entry is kept until its token runs out.</summary>
public sealed class EndedSessions(TimeProvider time)
{
    /// <summary>Bound on memory (about 100 bytes each); past it the entries nearest to expiry make room.</summary>
    private const int Capacity = 100_000;

    private readonly ConcurrentDictionary<long, DateTimeOffset> _expiryBySession = new();

    public bool Contains(long sessionId) => _expiryBySession.ContainsKey(sessionId);

    public void Add(long sessionId, DateTimeOffset tokenExpiresAt)
    {
        _expiryBySession[sessionId] = tokenExpiresAt;
        if (_expiryBySession.Count > Capacity)
            Trim();
    }

    private void Trim()
    {
        var now = time.GetUtcNow();
        var surplus = Capacity / 10;
        foreach (var (session, expiry) in _expiryBySession.OrderBy(entry => entry.Value))
        {
            if (expiry > now && surplus <= 0)
                return;
            _expiryBySession.TryRemove(session, out _);
            surplus--;
        }
    }
}

/// <summary>Fills <see cref="EndedSessions"/>; put it on a queue of the instance's own, since every instance must hear it.</summary>
public sealed class SessionEndedConsumer(EndedSessions ended) : IConsumer<SessionEnded>
{
    public Task Consume(ConsumeContext<SessionEnded> context)
    {
        ended.Add(context.Message.SessionId, context.Message.TokenExpiresAt);
        return Task.CompletedTask;
    }
}
