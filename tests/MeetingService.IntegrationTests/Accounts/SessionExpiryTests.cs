using System.Net;
using Marten;
using MeetingService.Accounts;
using MeetingService.IntegrationTests.Publication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Platform.Testing;

namespace MeetingService.IntegrationTests.Accounts;

/// <summary>A clock of its own moves these sessions through their lives.</summary>
public sealed class SessionExpiryTests(PostgresDatabase database, RabbitMqServer rabbitMq) : IClassFixture<PostgresDatabase>
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Requests_prolong_a_session_and_idling_ends_it()
    {
        await using var service = await RunningService.StartAsync(database.ConnectionString, rabbitMq.ConnectionString, _clock);
        await using var bus = await BusListener.StartAsync(rabbitMq.ConnectionString);
        using var user = await ApiClient.NewUserAsync(service);
        using var guest = await ApiClient.NewGuestAsync(service);

        _clock.Advance(TimeSpan.FromMinutes(110));
        var first = await user.GetAsync("/session");
        var session = (long)first.Body!["session"]!["id"]!;
        _clock.Advance(TimeSpan.FromMinutes(110));
        var second = await user.GetAsync("/session");
        var expiry = Assert.Single(second.Response.Headers.GetValues("CB-Token-ExpirationDate"));
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal($"{_clock.GetUtcNow().AddHours(2):yyyy-MM-dd HH:mm:ss} UTC", expiry);

        _clock.Advance(TimeSpan.FromMinutes(121));
        var late = await user.GetAsync("/session");
        Assert.Equal(HttpStatusCode.Unauthorized, late.Status);
        Assert.Equal("""{"errors":{"base":["Required session does not exist"]}}""", late.Text);
        Assert.Equal(HttpStatusCode.OK, (await guest.GetAsync("/session")).Status);
        await Eventually.BecomesTrue(async () => await LoadAsync(service, session) is null, expectation: "the sweeper ends the session");
        await Eventually.BecomesTrue(() => bus.SessionsEnded(session).Count == 1, expectation: "SessionEnded from the sweeper");
    }

    private static async Task<Session?> LoadAsync(RunningService service, long id)
    {
        await using var documents = service.Services.GetRequiredService<IDocumentStore>().QuerySession();
        return await documents.LoadAsync<Session>(id, TestContext.Current.CancellationToken);
    }
}
