using System.Globalization;
using AppHost.Local.Processes;
using AppHost.Local.Supervision;
using Npgsql;

namespace AppHost.Local.Servers;

/// <param name="Folder">Holds the cluster and its password; made at the first start.</param>
internal sealed record PostgresOptions(string Folder)
{
    /// <summary>TCP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Off for data that need not outlive a crash of the machine: commits then skip fsync.</summary>
    public bool IsDurable { get; init; } = true;

    /// <summary>Connections; each service has a pool and migrations of its own.</summary>
    public int MaxConnections { get; init; } = 300;

    public Action<string>? OnLine { get; init; }
}

/// <summary>
/// A PostgreSQL server of our own on 127.0.0.1, from the machine's binaries, in a private folder. It has no Unix socket, and a password that was
/// generated with the cluster. Other servers on the machine are neither used nor touched.
/// </summary>
internal sealed class PostgresServer : IRunningInstance
{
    public const string UserName = "platform";

    private const string PasswordFile = "password";

    /// <summary>Covers crash recovery on a slow disk.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>A fast shutdown rolls back open transactions and writes a checkpoint.</summary>
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly PrivateFolder _folder;
    private readonly ChildProcess _process;

    private PostgresServer(PrivateFolder folder, ChildProcess process, int port)
    {
        (_folder, _process, Port) = (folder, process, port);
        Password = folder.Secret(PasswordFile);
    }

    public int Port { get; }
    public string Password { get; }
    public int ProcessId => _process.Id;

    /// <summary>Completes with the exit code when the server has ended, for whatever reason.</summary>
    public Task<int> Exited => _process.Exited;

    public string ConnectionString(string database) => ConnectionString(Port, Password, database);

    public static string ConnectionString(int port, string password, string database) =>
        $"Host=127.0.0.1;Port={port};Username={UserName};Password={password};Database={database}";

    /// <summary>The password of the server in that folder, whether it runs or has yet to be created.</summary>
    public static string PasswordIn(string folder) => new PrivateFolder(folder).Secret(PasswordFile);

    /// <exception cref="MissingSoftwareException">PostgreSQL is not installed.</exception>
    /// <exception cref="ServerStartException">It did not come up.</exception>
    public static async Task<PostgresServer> StartAsync(PostgresOptions options, CancellationToken cancellationToken = default)
    {
        var binaries = ServerBinaries.PostgresFolder();
        var folder = new PrivateFolder(options.Folder);
        await folder.WaitForPredecessorAsync(cancellationToken);
        var user = Posix.IsRoot ? "postgres" : null;
        await CreateClusterAsync(binaries, folder, user, cancellationToken);

        var port = options.Port == 0 ? FreePort.Tcp() : options.Port;
        var lines = new LastLines();
        var process = await ChildProcess.StartAsync(ServerCommand(binaries, folder, user, port, options), line =>
        {
            lines.Add(line);
            options.OnLine?.Invoke(line);
        });
        folder.SetOccupant(process.Id);
        var server = new PostgresServer(folder, process, port);
        try
        {
            await StartupWait.UntilAnswersAsync("PostgreSQL", process, lines, server.IsHealthyAsync, StartLimit, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a query is answered now.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync("select 1", cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Creates the database unless it is there.</summary>
    public async Task EnsureDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            await ExecuteAsync($"create database \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", cancellationToken);
        }
        catch (PostgresException problem) when (problem.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // That is what "ensure" asks for; PostgreSQL has no "create database if not exists".
        }
    }

    /// <summary>SIGINT is PostgreSQL's "fast" shutdown: sessions are ended, data is written.</summary>
    public async Task StopAsync()
    {
        await _process.StopAsync(Signal.Interrupt, StopLimit);
        _folder.ClearOccupant();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _process.DisposeAsync();
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(Port, Password, "postgres") + ";Pooling=false;Timeout=5");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CreateClusterAsync(string binaries, PrivateFolder folder, string? user, CancellationToken cancellationToken)
    {
        folder.Secret(PasswordFile);
        if (user is not null)
            await RunAsync("The folder's owner could not be set", new("chown", ["-R", $"{user}:", folder.Path]), cancellationToken);
        if (File.Exists(folder.File("data/global/pg_control")))
            return;
        // A cluster without its control file is the rest of an initdb that was cut short; there is no data in it.
        if (Directory.Exists(folder.File("data")))
            Directory.Delete(folder.File("data"), recursive: true);
        string[] arguments =
        [
            "--pgdata", folder.File("data"), "--username", UserName, "--pwfile", folder.File(PasswordFile),
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        ];
        await RunAsync("PostgreSQL's initdb failed", Command(Path.Combine(binaries, "initdb"), arguments, folder, user), cancellationToken);
    }

    private static async Task RunAsync(string failure, ChildCommand command, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await ChildProcess.RunAsync(command, cancellationToken);
        if (exitCode != 0)
            throw new ServerStartException($"{failure} (exit code {exitCode}).", output.Split('\n'));
    }

    private static ChildCommand ServerCommand(string binaries, PrivateFolder folder, string? user, int port, PostgresOptions options)
    {
        (string Name, string Value)[] settings =
        [
            ("listen_addresses", "127.0.0.1"),
            ("port", port.ToString(CultureInfo.InvariantCulture)),
            ("unix_socket_directories", ""),
            ("max_connections", options.MaxConnections.ToString(CultureInfo.InvariantCulture)),
            ("fsync", options.IsDurable ? "on" : "off"),
            ("synchronous_commit", options.IsDurable ? "on" : "off"),
            ("full_page_writes", options.IsDurable ? "on" : "off"),
        ];
        string[] arguments = ["-D", folder.File("data"), .. settings.SelectMany(setting => new[] { "-c", $"{setting.Name}={setting.Value}" })];
        return Command(Path.Combine(binaries, "postgres"), arguments, folder, user);
    }

    private static ChildCommand Command(string program, string[] arguments, PrivateFolder folder, string? user) => new(program, arguments)
    {
        User = user,
        WorkingDirectory = folder.Path,
        ForgetPrefixes = ["PG"],
        DeathSignal = Signal.Interrupt,
    };
}
