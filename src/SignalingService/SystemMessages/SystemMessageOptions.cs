using System.ComponentModel.DataAnnotations;

namespace SignalingService.SystemMessages;

/// <summary>Configuration section <c>SystemMessages</c>.</summary>
internal sealed record SystemMessageOptions
{
    public const string Section = "SystemMessages";

    /// <summary>Requests per second of one connection, in the long run; 20 unless told. More are refused with 429.</summary>
    [Range(1, 10_000)]
    public int RequestsPerSecond { get; init; } = 20;

    /// <summary>Requests that may come at once; 100 unless told.</summary>
    [Range(1, 100_000)]
    public int RequestBurst { get; init; } = 100;

    /// <summary>Connections of one user on this instance; 16 unless told. One more ends the oldest.</summary>
    [Range(1, 1000)]
    public int ConnectionsPerUser { get; init; } = 16;

    /// <summary>Time to say who one is; 10 s unless told.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
