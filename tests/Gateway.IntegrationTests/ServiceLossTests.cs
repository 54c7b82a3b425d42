using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Gateway.IntegrationTests;

public sealed class ServiceLossTests
{
    /// <summary>Health is checked every second; far more than that means the check does not work.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_call_that_could_not_connect_is_sent_to_another_instance_with_its_body()
    {
        await using var dead = await BackEnd.StartAsync("dead");
        await using var alive = await BackEnd.StartAsync("alive");
        await using var gateway = new GatewayHost([dead.Address, alive.Address], []);
        await dead.DisposeAsync();

        for (var i = 0; i < 8; i++)
        {
            using var content = new StringContent("{\"name\":\"x\"}", Encoding.UTF8, "application/json");
            using var response = await gateway.Http.PostAsync(new Uri("/meetings.json", UriKind.Relative), content, TestContext.Current.CancellationToken);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            Assert.Equal("alive", answer.GetProperty("name").GetString());
            Assert.Equal("{\"name\":\"x\"}", answer.GetProperty("body").GetString());
        }
    }

    [Fact]
    public async Task An_instance_that_says_it_is_unhealthy_gets_no_more_calls()
    {
        await using var sick = await BackEnd.StartAsync("sick");
        await using var well = await BackEnd.StartAsync("well");
        await using var gateway = new GatewayHost([sick.Address, well.Address], []);
        await Until(async () => await Answerer(gateway) == "sick");

        sick.BecomeUnhealthy();
        var seen = sick.HealthChecks;
        await Until(() => Task.FromResult(sick.HealthChecks >= seen + 3));
        var before = sick.Requests.Count;

        for (var i = 0; i < 20; i++)
            Assert.Equal("well", await Answerer(gateway));
        Assert.Equal(before, sick.Requests.Count);
    }

    [Fact]
    public async Task With_every_instance_gone_the_error_names_the_service()
    {
        await using var dead = await BackEnd.StartAsync("dead");
        await using var gateway = new GatewayHost([dead.Address], []);
        await dead.DisposeAsync();

        using var response = await gateway.Http.GetAsync(new Uri("/meetings.json", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("meetings service is not reachable, try again", await GatewayHost.ErrorOf(response));
    }

    [Fact]
    public async Task A_service_that_does_not_answer_in_time_is_504()
    {
        await using var slow = await BackEnd.StartAsync("slow");
        await using var gateway = new GatewayHost(
            [slow.Address], [], null, ("ReverseProxy:Clusters:meetings:HttpRequest:ActivityTimeout", "00:00:00.2"));

        using var response = await gateway.Http.GetAsync(new Uri("/meetings/never-answered", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("meetings service did not answer in time, try again", await GatewayHost.ErrorOf(response));
    }

    private static async Task<string?> Answerer(GatewayHost gateway)
    {
        var answer = await gateway.Http.GetFromJsonAsync<JsonElement>(new Uri("/meetings.json", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.GetProperty("name").GetString();
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(20), limit.Token);
    }
}
