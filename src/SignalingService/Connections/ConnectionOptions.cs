using System.ComponentModel.DataAnnotations;
using SignalingService.Sessions;

namespace SignalingService.Connections;

/// <summary>Configuration section <c>Connections</c>: limits of the WebSockets of conference signalling.</summary>
internal sealed record ConnectionOptions
{
    public const string Section = "Connections";

    /// <summary>WebSockets of this instance at the same time; 20,000 unless told. The next one is refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int Maximum { get; init; } = 20_000;

    /// <summary>Janus sessions on one connection; 8 unless told.</summary>
    [Range(1, 1000)]
    public int SessionsPerConnection { get; init; } = 8;

    /// <summary>Handles of one session; 600 unless told.</summary>
    [Range(1, 10_000)]
    public int HandlesPerSession { get; init; } = 600;

    /// <summary>A session without any request for so long ends; 60 s unless told.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Messages per second of one connection, in the long run; 200 unless told. More of them are read later, not refused.</summary>
    [Range(1, 100_000)]
    public int MessagesPerSecond { get; init; } = 200;

    /// <summary>Messages that may come at once, such as the subscriptions after a join; 2,000 unless told.</summary>
    [Range(1, 1_000_000)]
    public int MessageBurst { get; init; } = 2000;

    public SessionLimits Limits => new(SessionsPerConnection, HandlesPerSession, SessionTimeout);
}
