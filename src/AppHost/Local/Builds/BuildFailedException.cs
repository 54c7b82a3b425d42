namespace AppHost.Local.Builds;

internal sealed class BuildFailedException(string what, IEnumerable<string> lastLines)
    : Exception(string.Join('\n', [$"{what} failed:", .. lastLines]));
