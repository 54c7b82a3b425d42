using System.Diagnostics;
using System.Net;
using MeetingService.Contracts;
using Platform.Testing;

namespace MeetingService.IntegrationTests.Publication;

[Collection(SharedServiceTests.Name)]
public sealed class PublicationTests(SharedService shared, RabbitMqServer rabbitMq, ITestOutputHelper output)
{
    private readonly RunningService _service = shared.Service;

    [Fact]
    public async Task A_meeting_s_life_is_told_in_order_with_the_whole_meeting_each_time()
    {
        await using var bus = await BusListener.StartAsync(rabbitMq.ConnectionString);
        using var guest = await ApiClient.NewUserAsync(_service, email: $"guest-{Guid.NewGuid():N}@example.org");
        using var host = await ApiClient.NewUserAsync(_service, email: $"host-{Guid.NewGuid():N}@example.org");
        var id = await host.ScheduleAsync(new
        {
            name = "Launch",
            start_date = 1_900_000_000,
            end_date = 1_900_003_600,
            attendees = new object[] { new { id = guest.UserId }, new { email = "Outside@Example.org" } },
            notify = true,
            notify_before = new { metric = "hours", value = 2 },
            timezone = new { offset = 120, name = "Europe/Riga" },
        });
        await host.PutAsync($"/meetings/{id}", new { name = "Launch 2", start_date = 1_900_000_060, record = true });
        await host.DeleteAsync($"/meetings/{id}");
        await bus.HearsAsync(id, 3);

        var heard = bus.About(id);
        Assert.Collection(heard.Select(message => message.Message),
            first => Assert.IsType<MeetingScheduled>(first),
            second => Assert.IsType<MeetingChanged>(second),
            third => Assert.IsType<MeetingCancelled>(third));
        var scheduled = heard[0].Meeting!;
        Assert.Equal("Launch", scheduled.Name);
        Assert.Equal(host.UserId, scheduled.HostUserId);
        Assert.StartsWith("host-", scheduled.HostEmail, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromHours(2), scheduled.NotifyBefore);
        Assert.Equal("Europe/Riga", scheduled.TimeZoneName);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_900_000_000), scheduled.StartsAt);
        Assert.Equal(guest.UserId, scheduled.Attendees[0].UserId);
        Assert.StartsWith("guest-", scheduled.Attendees[0].Email, StringComparison.Ordinal);
        Assert.Equal("outside@example.org", scheduled.Attendees[1].Email);
        Assert.Equal(("Launch 2", 4L), (heard[1].Meeting!.Name, heard[1].Meeting!.Version));
        Assert.Equal(("Launch 2", 5L), (heard[2].Meeting!.Name, heard[2].Meeting!.Version));
        Assert.Equal(3, heard.Select(message => message.MessageId).Distinct().Count());
        Assert.Equal(((MeetingScheduled)heard[0].Message).EventId, heard[0].MessageId);
    }

    [Fact]
    public async Task Events_reach_the_bus_within_a_second()
    {
        const int count = 20;
        await using var bus = await BusListener.StartAsync(rabbitMq.ConnectionString);
        using var host = await ApiClient.NewUserAsync(_service);
        List<double> milliseconds = [];
        for (var i = 0; i < count; i++)
        {
            var stopwatch = Stopwatch.StartNew();
            var id = await host.ScheduleAsync();
            await bus.HearsAsync(id, 1);
            milliseconds.Add(stopwatch.Elapsed.TotalMilliseconds);
        }

        milliseconds.Sort();
        output.WriteLine($"from request to bus: median {milliseconds[count / 2]:0} ms, longest {milliseconds[^1]:0} ms");
        Assert.InRange(milliseconds[count / 2], 0, 1000);
    }

    [Theory]
    [InlineData("/session")]
    [InlineData("/login.json")]
    public async Task Ended_session_is_announced(string path)
    {
        await using var bus = await BusListener.StartAsync(rabbitMq.ConnectionString);
        using var user = await ApiClient.NewUserAsync(_service);
        var session = (long)(await user.GetAsync("/session")).Body!["session"]!["id"]!;

        Assert.Equal(HttpStatusCode.OK, (await user.DeleteAsync(path)).Status);

        await Eventually.BecomesTrue(() => bus.SessionsEnded(session).Count == 1, expectation: "SessionEnded");
        var after = await user.GetAsync("/session");
        Assert.Equal(HttpStatusCode.Unauthorized, after.Status);
        Assert.Equal("""{"errors":{"base":["Required session does not exist"]}}""", after.Text);
    }
}
