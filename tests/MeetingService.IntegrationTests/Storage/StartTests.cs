using System.Net;
using Platform.Testing;

namespace MeetingService.IntegrationTests.Storage;

public sealed class StartTests(PostgresServer postgres, RabbitMqServer rabbitMq)
{
    [Fact]
    public async Task Two_replicas_that_start_at_once_on_an_empty_database_agree()
    {
        var database = await postgres.CreateDatabaseAsync();

        var replicas = await Task.WhenAll(RunningService.StartAsync(database, rabbitMq.ConnectionString), RunningService.StartAsync(database, rabbitMq.ConnectionString));
        await using var one = replicas[0];
        await using var other = replicas[1];
        using var user = await ApiClient.NewUserAsync(one);
        using var elsewhere = new ApiClient(other.NewClient(), user.Token);

        Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync("/session")).Status);
        var id = await user.ScheduleAsync();
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.GetAsync($"/meetings?_id={id}")).Status);
        Assert.Equal(HttpStatusCode.OK, (await elsewhere.DeleteAsync("/session")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await user.GetAsync("/session")).Status);
    }

    [Fact]
    public async Task Service_waits_for_a_database_that_is_not_there_yet()
    {
        var present = await postgres.CreateDatabaseAsync();
        var name = $"late_{Guid.NewGuid():N}";
        var absent = new Npgsql.NpgsqlConnectionStringBuilder(present) { Database = name }.ConnectionString;

        var starting = RunningService.StartAsync(absent, rabbitMq.ConnectionString);
        await Task.WhenAny(starting, Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken));
        Assert.False(starting.IsCompleted);
        await using (var source = Npgsql.NpgsqlDataSource.Create(present))
        await using (var command = source.CreateCommand($"CREATE DATABASE {name}"))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await using var service = await starting;
        using var client = new ApiClient(service.NewClient());

        await Eventually.BecomesTrue(async () => (await client.GetAsync("/health")).Status == HttpStatusCode.OK, expectation: "healthy");
    }
}
