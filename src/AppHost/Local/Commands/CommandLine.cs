namespace AppHost.Local.Commands;

/// <summary>What a command line asks for. A mistake is a message, not an exception.</summary>
/// <param name="Verb">up, status, down, doctor, model, page or await; up when none is named.</param>
/// <param name="Settings">Configuration of the app model: <c>--port</c>, <c>--replicas</c> and any <c>--Section:Key=value</c>.</param>
internal sealed record CommandLine(string Verb, IReadOnlyList<KeyValuePair<string, string?>> Settings)
{
    /// <summary>Processes of one service; more than this on one machine is a typing error.</summary>
    private const int MaximumReplicas = 64;

    private static readonly string[] Verbs = ["up", "status", "down", "doctor", "page", "await", "model"];

    public bool IsJson { get; private init; }

    /// <summary>Builds the services while the servers start, instead of expecting them built.</summary>
    public bool Builds { get; private init; }

    /// <summary>The process that <c>await</c> waits for.</summary>
    public int ProcessId { get; private init; }

    public string? Mistake { get; private init; }

    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var settings = new List<KeyValuePair<string, string?>>();
        if (Environment.GetEnvironmentVariable("PLATFORM_PORT") is { Length: > 0 } environmentPort)
            settings.Add(new("Gateway:Port", environmentPort));
        var line = new CommandLine("up", settings);
        for (var i = 0; i < args.Count && line.Mistake is null; i++)
        {
            var (name, value) = Split(args[i]);
            string? Value() => value ?? (++i < args.Count ? args[i] : null);
            line = name switch
            {
                "--json" => line with { IsJson = true },
                "--build" => line with { Builds = true },
                "--port" => line.WithPort(Value(), settings),
                "--replicas" => line.WithReplicas(Value(), settings),
                "--process" => int.TryParse(Value(), out var id) ? line with { ProcessId = id } : line with { Mistake = "--process needs a process id" },
                _ when i == 0 && Verbs.Contains(name) => line with { Verb = name },
                _ when name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal) => line.WithSetting(name[2..], Value(), settings),
                _ => line with { Mistake = $"'{args[i]}' is not understood. ./platform help lists what is." },
            };
        }
        return line;
    }

    private CommandLine WithPort(string? value, List<KeyValuePair<string, string?>> settings)
    {
        if (!ushort.TryParse(value, out var port) || port == 0)
            return this with { Mistake = $"--port needs a number from 1 to 65535, not '{value}'." };
        settings.Add(new("Gateway:Port", value));
        return this;
    }

    /// <param name="value">Such as <c>MediaNode=1,SignalingService=2</c>.</param>
    private CommandLine WithReplicas(string? value, List<KeyValuePair<string, string?>> settings)
    {
        foreach (var part in (value ?? "").Split(','))
        {
            var words = part.Split('=');
            if (words.Length != 2 || !int.TryParse(words[1], out var count) || count is < 1 or > MaximumReplicas)
                return this with { Mistake = $"--replicas needs Project=1 to {MaximumReplicas}, such as MediaNode=1,SignalingService=2, not '{part}'." };
            settings.Add(new($"Replicas:{words[0].Trim()}", words[1]));
        }
        return this;
    }

    private CommandLine WithSetting(string key, string? value, List<KeyValuePair<string, string?>> settings)
    {
        settings.Add(new(key, value));
        return this;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }
}
