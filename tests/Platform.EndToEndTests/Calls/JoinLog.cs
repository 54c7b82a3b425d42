using System.Text.RegularExpressions;

namespace Platform.EndToEndTests.Calls;

/// <summary>Who came where, as the signalling instances log it.</summary>
internal static partial class JoinLog
{
    public static readonly string[] Instances = ["signaling-0", "signaling-1"];

    /// <summary>A user's joins, by instance, the older ones of each first. A line comes to the log by a pipe, a moment after the answer to its join.</summary>
    public static IReadOnlyList<Join> JoinsOf(this RunningPlatform platform, ulong user) =>
        [.. Instances.SelectMany(instance => Lines.Matches(platform.Log(instance))
            .Where(line => line.Groups["user"].Value == $"{user}")
            .Select(line => new Join(instance, line.Groups["room"].Value, line.Groups["node"].Value)))];

    [GeneratedRegex("user (?<user>[0-9]+) joined room (?<room>[0-9a-f]+) on media node (?<node>media-[0-9]+)-")]
    private static partial Regex Lines { get; }
}

/// <param name="Instance">The replica by which the user came.</param>
/// <param name="Room">The room.</param>
/// <param name="Node">Its media node, by its stable name: its id has something appended that changes with each start.</param>
internal sealed record Join(string Instance, string Room, string Node);
