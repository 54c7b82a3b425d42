namespace AppHost.Local.Servers;

/// <summary>A program that the platform needs is not installed; the message says which, and the command that installs it.</summary>
public sealed class MissingSoftwareException(string software, string install)
    : Exception($"{software} is not installed. Install it with: {install}")
{
    public string Software { get; } = software;
    public string Install { get; } = install;
}
