using System.Net;
using AppHost.Local.Servers;
using MeetingService.Contracts;
using Platform.Testing;
using RabbitMqServer = AppHost.Local.Servers.RabbitMqServer;

namespace MeetingService.IntegrationTests.Publication;

/// <summary>A broker of its own goes away and comes back.</summary>
public sealed class BrokerOutageTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    /// <summary>The broker takes about 10 s to start, and its clients some more to notice.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Events_stored_while_the_broker_is_away_arrive_when_it_is_back_even_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        var options = new RabbitMqOptions(Path.Combine(folder.Path, "rabbitmq"));
        var broker = await RabbitMqServer.StartAsync(options, TestContext.Current.CancellationToken);
        var address = broker.ConnectionString;
        string during, withoutBroker;
        await using var bus = await BusListener.StartAsync(address);
        await using (var service = await RunningService.StartAsync(database.ConnectionString, address))
        {
            using var host = await ApiClient.NewUserAsync(service);
            await bus.HearsAsync(await host.ScheduleAsync(), 1);
            await broker.DisposeAsync();
            during = await host.ScheduleAsync();
            Assert.Equal(HttpStatusCode.OK, (await host.PutAsync($"/meetings/{during}", new { name = "Changed" })).Status);
            await Eventually.BecomesTrue(async () => (await host.GetAsync("/health")) is { Status: HttpStatusCode.OK } health && (string)health.Body!["status"]! == "Degraded", Patience, "/health tells of the outage");
        }

        await using var restarted = await RunningService.StartAsync(database.ConnectionString, address);
        using (var host = await ApiClient.NewUserAsync(restarted))
            withoutBroker = await host.ScheduleAsync();
        await using var again = await RabbitMqServer.StartAsync(options with { Port = new Uri(address).Port }, TestContext.Current.CancellationToken);

        await bus.HearsAsync(during, 2, Patience);
        await bus.HearsAsync(withoutBroker, 1, Patience);
        Assert.IsType<MeetingScheduled>(bus.About(during)[0].Message);
        Assert.Equal("Changed", bus.About(during)[^1].Meeting!.Name);
    }
}
