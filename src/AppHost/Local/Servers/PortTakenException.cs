namespace AppHost.Local.Servers;

/// <summary>A port that people were promised is in use by somebody else.</summary>
internal sealed class PortTakenException(int port, string? owner)
    : Exception($"Port {port} is taken by {owner ?? "another program"}. Stop it, or choose another port: ./platform up --port {port + 1}")
{
    public int Port { get; } = port;
}
