using AppHost.Local.Servers;
using Npgsql;
using Xunit;
using Server = AppHost.Local.Servers.PostgresServer;

namespace Platform.Testing;

/// <summary>
/// A real PostgreSQL, one for a test assembly: <c>[assembly: AssemblyFixture(typeof(PostgresServer))]</c>. Its data is deleted with it.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Server? _server;
    private int _databases;

    public async ValueTask InitializeAsync() =>
        _server = await Server.StartAsync(new PostgresOptions(Path.Combine(_folder.Path, "postgres")) { IsDurable = false });

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var server = _server ?? throw new InvalidOperationException("The fixture has not been started by xunit.");
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await server.EnsureDatabaseAsync(name);
        return server.ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A fresh database for one test class: <c>IClassFixture&lt;PostgresDatabase&gt;</c>, beside the assembly's <see cref="PostgresServer"/>.</summary>
public sealed class PostgresDatabase(PostgresServer server) : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync() => ConnectionString = await server.CreateDatabaseAsync();

    /// <summary>The database goes with its server.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
