using System.Text;
using AppHost.Local.Processes;
using AppHost.Local.Servers;
using Platform.Testing;
using RabbitMQ.Client;
using RabbitMqServer = AppHost.Local.Servers.RabbitMqServer;

namespace AppHost.Tests.Servers;

public sealed class RabbitMqServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Persistent_message_survives_a_restart_and_stopping_leaves_no_process()
    {
        int processId, port;
        await using (var server = await StartAsync())
        {
            (processId, port) = (server.ProcessId, server.Port);
            Assert.Contains(processId, ProcessesIn(_folder.Path));
            await using var connection = await ConnectAsync(server.ConnectionString);
            await using var channel = await connection.CreateChannelAsync(
                new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);
            await channel.QueueDeclareAsync("notes", durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
            await channel.BasicPublishAsync("", "notes", mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes("kept"), Cancel);
        }
        Assert.Null(ProcessTable.Read(processId));
        Assert.True(FreePort.IsFreeTcp(port));
        // The broker's helpers end when their pipe to it closes, a moment after it.
        await Eventually.BecomesTrue(() => ProcessesIn(_folder.Path).Count == 0);

        await using var second = await StartAsync();
        await using var again = await ConnectAsync(second.ConnectionString);
        await using var reader = await again.CreateChannelAsync(cancellationToken: Cancel);
        var message = await reader.BasicGetAsync("notes", autoAck: true, Cancel);
        Assert.Equal("kept", Encoding.UTF8.GetString(Assert.IsType<BasicGetResult>(message).Body.Span));

        var hostAddress = await second.CreateVirtualHostAsync("apart", Cancel);
        await using var apart = await ConnectAsync(hostAddress);
        Assert.True(apart.IsOpen);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Task<RabbitMqServer> StartAsync() => RabbitMqServer.StartAsync(new(Path.Combine(_folder.Path, "rabbitmq")), Cancel);

    private static Task<IConnection> ConnectAsync(string address) =>
        new ConnectionFactory { Uri = new(address) }.CreateConnectionAsync(Cancel);

    /// <summary>The broker and its helpers all work in the server's folder.</summary>
    private static List<int> ProcessesIn(string folder) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName).Select(name => int.TryParse(name, out var id) ? id : 0)
            .Where(id => id > 0 && WorkingDirectory(id).StartsWith(folder, StringComparison.Ordinal))];

    private static string WorkingDirectory(int processId)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{processId}/cwd", returnFinalTarget: false)?.FullName ?? "";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
