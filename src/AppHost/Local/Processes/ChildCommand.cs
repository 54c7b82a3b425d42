using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AppHost.Local.Processes;

/// <summary>What to start, and how it ends when this process does not end it.</summary>
internal sealed record ChildCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>Added to this process's own environment; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Variables of the caller that would steer the child elsewhere (PGPORT, RABBITMQ_...), by prefix.</summary>
    public IReadOnlyList<string> ForgetPrefixes { get; init; } = [];

    public string? WorkingDirectory { get; init; }

    /// <summary>User to become; null stays who we are. Only root can.</summary>
    public string? User { get; init; }

    /// <summary>What the kernel sends to the child when this process dies without stopping it.</summary>
    public Signal DeathSignal { get; init; } = Signal.Terminate;

    public ProcessStartInfo ToStartInfo()
    {
        var words = Wrapped().ToList();
        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = WorkingDirectory ?? "/",
        };
        foreach (var name in start.Environment.Keys.Where(IsForgotten).ToList())
            start.Environment.Remove(name);
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return start;
    }

    private bool IsForgotten(string name) => ForgetPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>
    /// A session of its own keeps the terminal's Ctrl-C for this process alone and makes the child's group reachable by one signal.
    /// Both tools replace themselves by the command, so the process id is the command's. Other systems than Linux lack them.
    /// </summary>
    private IEnumerable<string> Wrapped()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
            return [FileName, .. Arguments];
        string[] become = User is null ? [] : ["--reuid", User, "--regid", User, "--init-groups"];
        return ["setsid", "setpriv", "--pdeathsig", DeathSignal.ShortName(), .. become, "--", FileName, .. Arguments];
    }
}
