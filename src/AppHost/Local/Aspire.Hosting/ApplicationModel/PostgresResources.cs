namespace Aspire.Hosting.ApplicationModel;

public sealed class PostgresServerResource(string name) : Resource(name), IResourceWithWaitSupport
{
    /// <summary>Null takes a free one.</summary>
    internal int? Port { get; init; }

    internal List<PostgresDatabaseResource> Databases { get; } = [];
}

public sealed class PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
    : Resource(name), IResourceWithConnectionString
{
    public string DatabaseName { get; } = databaseName;
    public PostgresServerResource Parent { get; } = parent;
}
