using AppHost.Local.Servers;
using Xunit;
using Server = AppHost.Local.Servers.RabbitMqServer;

namespace Platform.Testing;

/// <summary>
/// A real RabbitMQ, one for a test assembly: <c>[assembly: AssemblyFixture(typeof(RabbitMqServer))]</c>. It takes about 10 s to start.
/// </summary>
public sealed class RabbitMqServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Server? _server;
    private int _hosts;

    /// <summary>The <c>amqp://</c> address of the default virtual host.</summary>
    public string ConnectionString => Started.ConnectionString;

    private Server Started => _server ?? throw new InvalidOperationException("The fixture has not been started by xunit.");

    public async ValueTask InitializeAsync() =>
        _server = await Server.StartAsync(new RabbitMqOptions(Path.Combine(_folder.Path, "rabbitmq")));

    /// <summary>Adds an empty virtual host (about 3 s) and returns its <c>amqp://</c> address.</summary>
    public Task<string> CreateVirtualHostAsync() => Started.CreateVirtualHostAsync($"test-{Interlocked.Increment(ref _hosts)}");

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A virtual host of its own for one test class: <c>IClassFixture&lt;RabbitMqHost&gt;</c>, beside the assembly's <see cref="RabbitMqServer"/>.</summary>
public sealed class RabbitMqHost(RabbitMqServer server) : IAsyncLifetime
{
    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync() => ConnectionString = await server.CreateVirtualHostAsync();

    /// <summary>The virtual host goes with its server.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
