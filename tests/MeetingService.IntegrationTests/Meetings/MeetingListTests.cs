using System.Net;
using System.Text.Json.Nodes;

namespace MeetingService.IntegrationTests.Meetings;

[Collection(SharedServiceTests.Name)]
public sealed class MeetingListTests(SharedService shared)
{
    private const long First = 1_900_000_000;

    private readonly RunningService _service = shared.Service;

    [Fact]
    public async Task List_holds_what_one_hosts_and_attends_and_nothing_else()
    {
        var email = $"me-{Guid.NewGuid():N}@example.org";
        using var me = await ApiClient.NewUserAsync(_service, email: email);
        using var other = await ApiClient.NewUserAsync(_service);
        var mine = await me.ScheduleAsync();
        var byId = await other.ScheduleAsync(ApiClient.Meeting(attendees: [new { id = me.UserId }]));
        var byEmail = await other.ScheduleAsync(ApiClient.Meeting(attendees: [new { email }]));
        await other.ScheduleAsync(ApiClient.Meeting(isPublic: true));

        Assert.Equal([mine, byId, byEmail], Ids((await me.GetAsync("/meetings")).Body!));
    }

    [Fact]
    public async Task Pages_stay_in_place_while_meetings_are_added()
    {
        using var me = await ApiClient.NewUserAsync(_service);
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
            ids.Add(await me.ScheduleAsync());
        var first = Ids((await me.GetAsync("/meetings?limit=2")).Body!);
        await me.ScheduleAsync();
        var second = Ids((await me.GetAsync("/meetings?limit=2&offset=2")).Body!);
        var page = (await me.GetAsync("/meetings?limit=2&offset=4", ("CB-Api-Version", "2"))).Body!;

        Assert.Equal(ids[..4], first.Concat(second));
        Assert.Equal((6, 4, 2), ((int)page["total_entries"]!, (int)page["skip"]!, (int)page["limit"]!));
        Assert.Equal(ids[4], Ids(page["items"]!)[0]);
    }

    [Theory]
    [InlineData("start_date[gt]=1900000100", "2")]
    [InlineData("start_date[gte]=1900000100", "1,2")]
    [InlineData("start_at[lt]=1900000100", "0")]
    [InlineData("start_date[lte]=1900000100", "0,1")]
    [InlineData("start_date=1900000100", "1")]
    [InlineData("start_date[ne]=1900000100", "0,2")]
    [InlineData("start_date[in]=1900000000,1900000200", "0,2")]
    [InlineData("start_date[in]=1900000000%2C1900000200", "0,2")]
    [InlineData("start_date[in][]=1900000000&start_date[in][]=1900000200", "0,2")]
    [InlineData("start_date[nin]=1900000000,1900000200", "1")]
    [InlineData("end_date[gt]=1900003700", "2")]
    [InlineData("end_at[lte]=1900003700&start_date[gt]=1900000000", "1")]
    [InlineData("scheduled=true", "1")]
    [InlineData("scheduled[ne]=true", "0,2")]
    [InlineData("created_at[gt]=2020-01-01T00:00:00Z", "0,1,2")]
    [InlineData("updated_at[lt]=Thu%20Jan%2001%201970%2000:00:00%20GMT%2B0000%20(Coordinated%20Universal%20Time)", "")]
    public async Task Filters_choose(string query, string expected)
    {
        using var me = await ApiClient.NewUserAsync(_service);
        List<string> ids = [];
        for (var i = 0; i < 3; i++)
            ids.Add(await me.ScheduleAsync(new { name = $"{i}", start_date = First + (100 * i), end_date = First + 3600 + (100 * i), scheduled = i == 1 }));

        var listed = await me.GetAsync($"/meetings?{query}");

        Assert.True(listed.Status == HttpStatusCode.OK, listed.Text);
        Assert.Equal(expected, string.Join(',', Ids(listed.Body!).Select(id => ids.IndexOf(id))));
    }

    [Fact]
    public async Task Ids_can_be_chosen_and_left_out()
    {
        using var me = await ApiClient.NewUserAsync(_service);
        var (a, b, c) = (await me.ScheduleAsync(), await me.ScheduleAsync(), await me.ScheduleAsync());

        Assert.Equal([a, c], Ids((await me.GetAsync($"/meetings?_id[in]={a},{c}")).Body!));
        Assert.Equal([b], Ids((await me.GetAsync($"/meetings?_id[nin]={a},{c}")).Body!));
        Assert.Equal([b, c], Ids((await me.GetAsync($"/meetings?_id[ne]={a}")).Body!));
    }

    [Theory]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("offset=x", "offset")]
    [InlineData("start_date[gte]=soon", "start_date")]
    [InlineData("start_date[regex]=1", "start_date")]
    [InlineData("start_date=1&start_date=2", "start_date")]
    [InlineData("scheduled=maybe", "scheduled")]
    [InlineData("scheduled[gt]=true", "scheduled")]
    [InlineData("_id[in]=x", "_id")]
    [InlineData("name=x", "name")]
    public async Task Wrong_query_is_refused_by_name(string query, string field)
    {
        using var me = await ApiClient.NewUserAsync(_service);

        var answer = await me.GetAsync($"/meetings?{query}");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.NotNull(answer.Body!["errors"]![field]);
    }

    private static List<string> Ids(JsonNode meetings) => [.. ((JsonArray)meetings).Select(meeting => (string)meeting!["_id"]!)];
}
