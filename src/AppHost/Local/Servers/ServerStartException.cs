namespace AppHost.Local.Servers;

/// <summary>A server ended or stayed silent while it was started; the message ends with the last lines it wrote.</summary>
public sealed class ServerStartException(string message, IEnumerable<string> lastLines)
    : Exception(string.Join('\n', [message, .. lastLines]));
