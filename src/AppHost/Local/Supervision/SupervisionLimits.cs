namespace AppHost.Local.Supervision;

internal sealed record SupervisionLimits
{
    /// <summary>From the start of a process to its first good health check; a cold start runs database migrations.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Between health checks while it starts.</summary>
    public TimeSpan StartPoll { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Between health checks of a running process.</summary>
    public TimeSpan HealthPoll { get; init; } = TimeSpan.FromSeconds(3);
}
