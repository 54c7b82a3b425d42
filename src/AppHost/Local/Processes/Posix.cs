using System.Runtime.InteropServices;

namespace AppHost.Local.Processes;

/// <summary>Signals that .NET's Process class cannot send.</summary>
internal enum Signal
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}

internal static partial class Posix
{
    /// <summary>The name that command-line tools know the signal by.</summary>
    public static string ShortName(this Signal signal) => signal switch
    {
        Signal.Interrupt => "INT",
        Signal.Quit => "QUIT",
        Signal.Kill => "KILL",
        _ => "TERM",
    };

    public static bool IsRoot => GetEffectiveUserId() == 0;

    /// <returns>False when there is no such process (any more).</returns>
    public static bool Send(int processId, Signal signal) => Kill(processId, (int)signal) == 0;

    /// <summary>Reaches every member of the process group, also those whose parent has gone.</summary>
    public static bool SendToGroup(int groupId, Signal signal) => Kill(-groupId, (int)signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();
}
