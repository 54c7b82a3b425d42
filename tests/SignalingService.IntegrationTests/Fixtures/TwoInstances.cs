using MediaNode.Contracts;
using Platform.Testing;

namespace SignalingService.IntegrationTests.Fixtures;

/// <summary>Two instances with a database and a broker's virtual host of their own.</summary>
public sealed class TwoInstances(PostgresServer postgres, RabbitMqServer rabbit) : IAsyncLifetime
{
    private string _messaging = "";
    private Meetings? _meetings;
    private Instance? _first;
    private Instance? _second;

    internal Instance First => _first!;
    internal Instance Second => _second!;
    internal string Database { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Database = await postgres.CreateDatabaseAsync();
        _messaging = await rabbit.CreateVirtualHostAsync();
        _meetings = await Meetings.StartAsync();
        // At once: the table is made by whichever comes first.
        var starting = (Instance.StartAsync(Database, _messaging, _meetings.Address), Instance.StartAsync(Database, _messaging, _meetings.Address));
        _first = await starting.Item1;
        _second = await starting.Item2;
    }

    /// <summary>One more, which has heard of no node.</summary>
    internal Task<Instance> StartAnotherAsync(params (string Key, string Value)[] settings) =>
        Instance.StartAsync(Database, _messaging, _meetings!.Address, settings);

    /// <summary>A node that both hear of; and that it takes no more rooms when it ends, so that later tests do not try it.</summary>
    internal async Task<RecordedNode> StartNodeAsync()
    {
        var node = await RecordedNode.StartAsync();
        Hear(node.Heartbeat);
        var last = node.Heartbeat with { Draining = true };
        node.Ending = () => Hear(last);
        return node;
    }

    private void Hear(NodeHeartbeat heartbeat)
    {
        First.Hear(heartbeat);
        Second.Hear(heartbeat);
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await _meetings!.DisposeAsync();
    }
}
