using System.Globalization;
using AppHost.Local.Processes;
using AppHost.Local.Supervision;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace AppHost.Local.Servers;

/// <param name="Folder">Holds messages, configuration, cookie and password; made at the first start.</param>
internal sealed record RabbitMqOptions(string Folder)
{
    /// <summary>AMQP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    public Action<string>? OnLine { get; init; }
}

/// <summary>
/// A RabbitMQ broker of our own on 127.0.0.1, from the machine's installation, in a private folder, with a port mapper (epmd) of its own that
/// ends with it. Other brokers on the machine are neither used nor touched.
/// </summary>
internal sealed class RabbitMqServer : IRunningInstance
{
    public const string UserName = "platform";

    private const string PasswordFile = "password";

    private const string NodeName = "platform@localhost";

    /// <summary>At this much memory the broker makes publishers wait. It carries small events, not media.</summary>
    private const string MemoryLimit = "512MiB";

    private const string DiskLimit = "50MB";

    /// <summary>An Erlang start takes 5 to 15 s of processor time; several at once on a small machine take longer.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly PrivateFolder _folder;
    private readonly string _scripts;
    private readonly ChildProcess _portMapper;
    private readonly ChildProcess _broker;
    private readonly int _portMapperPort;

    private RabbitMqServer(PrivateFolder folder, string scripts, ChildProcess portMapper, int portMapperPort, ChildProcess broker, int port)
    {
        (_folder, _scripts, _portMapper, _portMapperPort, _broker, Port) = (folder, scripts, portMapper, portMapperPort, broker, port);
        Password = folder.Secret(PasswordFile);
    }

    public int Port { get; }
    public string Password { get; }
    public int ProcessId => _broker.Id;

    /// <summary>Completes with the exit code when the broker has ended, for whatever reason.</summary>
    public Task<int> Exited => _broker.Exited;

    public string ConnectionString => ConnectionStringOf(Port, Password);

    public static string ConnectionStringOf(int port, string password) => $"amqp://{UserName}:{password}@127.0.0.1:{port}";

    /// <summary>The password of the broker in that folder, whether it runs or has yet to be created.</summary>
    public static string PasswordIn(string folder) => new PrivateFolder(folder).Secret(PasswordFile);

    /// <exception cref="MissingSoftwareException">RabbitMQ is not installed.</exception>
    /// <exception cref="ServerStartException">It did not come up.</exception>
    public static async Task<RabbitMqServer> StartAsync(RabbitMqOptions options, CancellationToken cancellationToken = default)
    {
        var scripts = ServerBinaries.RabbitMqFolder();
        var epmd = ServerBinaries.Epmd();
        var folder = new PrivateFolder(options.Folder);
        await folder.WaitForPredecessorAsync(cancellationToken);
        var port = options.Port == 0 ? FreePort.Tcp() : options.Port;
        var portMapperPort = FreePort.Tcp();
        WriteConfiguration(folder, port);

        var portMapper = await ChildProcess.StartAsync(
            new(epmd, ["-port", portMapperPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"]) { WorkingDirectory = folder.Path });
        var lines = new LastLines();
        var broker = await ChildProcess.StartAsync(Command(folder, scripts, "rabbitmq-server", [], portMapperPort), line =>
        {
            lines.Add(line);
            options.OnLine?.Invoke(line);
        });
        folder.SetOccupant(broker.Id);
        var server = new RabbitMqServer(folder, scripts, portMapper, portMapperPort, broker, port);
        try
        {
            await StartupWait.UntilAnswersAsync("RabbitMQ", broker, lines, server.IsHealthyAsync, StartLimit, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a client can log in now.</summary>
    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var factory = new ConnectionFactory { Uri = new(ConnectionString), AutomaticRecoveryEnabled = false };
            await using var connection = await factory.CreateConnectionAsync(cancellationToken);
            return connection.IsOpen;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    /// <summary>Adds a virtual host, a name space of its own for queues and exchanges, and returns its <c>amqp://</c> address.</summary>
    public async Task<string> CreateVirtualHostAsync(string name, CancellationToken cancellationToken = default)
    {
        await ControlAsync(["add_vhost", name], cancellationToken);
        await ControlAsync(["set_permissions", "--vhost", name, UserName, ".*", ".*", ".*"], cancellationToken);
        return $"{ConnectionString}/{Uri.EscapeDataString(name)}";
    }

    public async Task StopAsync()
    {
        await _broker.StopAsync(Signal.Terminate, StopLimit);
        await _portMapper.StopAsync(Signal.Terminate, StopLimit);
        _folder.ClearOccupant();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _broker.DisposeAsync();
        await _portMapper.DisposeAsync();
    }

    private async Task ControlAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var command = Command(_folder, _scripts, "rabbitmqctl", ["--node", NodeName, .. arguments], _portMapperPort);
        var (exitCode, output) = await ChildProcess.RunAsync(command, cancellationToken);
        if (exitCode != 0)
            throw new InvalidOperationException($"rabbitmqctl {arguments[0]} failed with exit code {exitCode}:\n{output}");
    }

    private static void WriteConfiguration(PrivateFolder folder, int port)
    {
        folder.Secret(".erlang.cookie");
        folder.WritePrivate("enabled_plugins", "[].\n");
        folder.WritePrivate("rabbitmq-env.conf", "");
        folder.WritePrivate("rabbitmq.conf", $"""
            listeners.tcp.default = 127.0.0.1:{port}
            default_user = {UserName}
            default_pass = {folder.Secret(PasswordFile)}
            vm_memory_high_watermark.absolute = {MemoryLimit}
            disk_free_limit.absolute = {DiskLimit}
            log.console = true
            log.console.level = info
            log.file = false

            """);
    }

    private static ChildCommand Command(PrivateFolder folder, string scripts, string script, string[] arguments, int portMapperPort) =>
        new(Path.Combine(scripts, script), arguments)
        {
            WorkingDirectory = folder.Path,
            ForgetPrefixes = ["RABBITMQ_", "ERL_", "NOTIFY_SOCKET"],
            Environment = new Dictionary<string, string?>
            {
                ["HOME"] = folder.Path,
                ["RABBITMQ_NODENAME"] = NodeName,
                ["RABBITMQ_MNESIA_BASE"] = folder.File("data"),
                ["RABBITMQ_LOG_BASE"] = folder.File("log"),
                ["RABBITMQ_CONFIG_FILE"] = folder.File("rabbitmq.conf"),
                ["RABBITMQ_CONF_ENV_FILE"] = folder.File("rabbitmq-env.conf"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = folder.File("enabled_plugins"),
                ["RABBITMQ_DIST_PORT"] = FreePort.Tcp().ToString(CultureInfo.InvariantCulture),
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
                ["RABBITMQ_CTL_ERL_ARGS"] = "-start_epmd false",
                ["ERL_EPMD_PORT"] = portMapperPort.ToString(CultureInfo.InvariantCulture),
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                // The start script then becomes the broker instead of waiting beside it, so the process id is the broker's.
                ["detached"] = "1",
            },
        };
}
