namespace AppHost.Local.Supervision;

/// <summary>The pause before a crashed process is started again: short for the first crash, doubling while it keeps crashing.</summary>
internal sealed class RestartBackoff
{
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>A process that stayed up this long has recovered; its next crash is a first one again.</summary>
    public static readonly TimeSpan Recovered = TimeSpan.FromSeconds(60);

    private TimeSpan _next = Shortest;

    public TimeSpan Next(TimeSpan uptime)
    {
        var pause = uptime >= Recovered ? Shortest : _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }
}
