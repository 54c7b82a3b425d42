using AppHost.Local.Supervision;

namespace AppHost.Local.Commands;

/// <summary>What people see of a running platform: a line per step while it starts, then the services' own lines under their names.</summary>
internal sealed class PlatformConsole
{
    /// <summary>ANSI foreground colours that read on light and dark backgrounds.</summary>
    private static readonly int[] Colours = [36, 33, 32, 35, 34, 31, 96, 93, 92, 95];

    private readonly Lock _gate = new();
    private readonly bool _isTerminal = !Console.IsOutputRedirected;
    private readonly bool _hasColour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 };
    private readonly Dictionary<string, int> _colours = [];
    private volatile bool _showsLogs;

    public void Say(string text)
    {
        lock (_gate)
            Console.WriteLine(text);
    }

    public void Step(string name, string state, string address, TimeSpan since) =>
        Say($"  {name,-16} {state,-11} {address,-28} {since.TotalSeconds,6:0.0} s");

    public void Step(InstanceStatus status)
    {
        if (status is not { State: InstanceState.Starting, ProcessId: not null })
            Step(status.Instance.Name, status.State.ToString().ToLowerInvariant(), status.Instance.Address, status.Since);
    }

    /// <summary>From now on the services' lines appear too; not when the output goes to a file, as each has one of its own.</summary>
    public void ShowLogs() => _showsLogs = _isTerminal;

    public void Log(string name, string line)
    {
        if (!_showsLogs)
            return;
        lock (_gate)
            Console.WriteLine($"{Coloured(name)} {line}");
    }

    private string Coloured(string name)
    {
        if (!_hasColour)
            return $"{name,-16}";
        if (!_colours.TryGetValue(name, out var colour))
            _colours[name] = colour = Colours[_colours.Count % Colours.Length];
        return $"\u001b[{colour}m{name,-16}\u001b[0m";
    }
}
