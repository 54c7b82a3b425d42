using System.Net.Sockets;
using AppHost.Local.Processes;
using AppHost.Local.Servers;
using Npgsql;
using Platform.Testing;
using PostgresServer = AppHost.Local.Servers.PostgresServer;

namespace AppHost.Tests.Servers;

public sealed class PostgresServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Data_survives_a_restart_and_stopping_leaves_no_process()
    {
        int processId, port;
        await using (var server = await StartAsync())
        {
            (processId, port) = (server.ProcessId, server.Port);
            await server.EnsureDatabaseAsync("platform", Cancel);
            await ExecuteAsync(server.ConnectionString("platform"), "create table note (text text); insert into note values ('kept')");
            await server.StopAsync();
        }
        Assert.Null(ProcessTable.Read(processId));
        Assert.True(FreePort.IsFreeTcp(port));

        await using var second = await StartAsync();
        await second.EnsureDatabaseAsync("platform", Cancel);
        Assert.Equal("kept", await ExecuteAsync(second.ConnectionString("platform"), "select text from note"));
    }

    [Fact]
    public async Task Wrong_password_is_refused()
    {
        await using var server = await StartAsync();
        var wrong = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres")) { Password = "wrong", Pooling = false };
        var refusal = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(wrong.ConnectionString, "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Taken_port_is_reported_with_the_servers_own_words()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        var failure = await Assert.ThrowsAsync<ServerStartException>(
            () => PostgresServer.StartAsync(new(Path.Combine(_folder.Path, "postgres")) { Port = port }, Cancel));
        Assert.Contains("could not bind", failure.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<PostgresServer> StartAsync() =>
        PostgresServer.StartAsync(new(Path.Combine(_folder.Path, "postgres")), Cancel);

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
