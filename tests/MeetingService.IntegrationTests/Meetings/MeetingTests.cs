using System.Net;
using System.Text.Json.Nodes;

namespace MeetingService.IntegrationTests.Meetings;

[Collection(SharedServiceTests.Name)]
public sealed class MeetingTests(SharedService shared)
{
    private readonly RunningService _service = shared.Service;

    [Fact]
    public async Task Meeting_reads_back_as_it_was_scheduled()
    {
        using var host = await ApiClient.NewUserAsync(_service);

        var created = await host.PostAsync("/meetings.json", new
        {
            name = "Café ☕ שלום 😀",
            start_date = 1_900_000_000,
            end_date = 1_900_003_600,
            attendees = new object[] { new { id = 7 }, new { email = "A@Example.org" }, new { id = 7 } },
            record = true,
            @public = true,
            scheduled = true,
            notify = true,
            notify_before = new { metric = "weeks", value = 4 },
            timezone = new { offset = -120, name = "America/Noronha" },
            chat = true,
        });
        var read = await host.GetAsync($"/meetings.json?_id={created.Id}");

        Assert.Equal(HttpStatusCode.Created, created.Status);
        Assert.Equal(created.Text, read.Text);
        Assert.Matches("^(?=.*[a-f])[0-9a-f]{24}$", created.Id);
        Assert.Matches("^(?=.*[a-f])[0-9a-f]{24}$", (string)created.Body!["chat_dialog_id"]!);
        Assert.Equal("Café ☕ שלום 😀", (string)created.Body["name"]!);
        Assert.Equal(1_900_000_000, (long)created.Body["start_date"]!);
        Assert.Equal("""[{"id":7},{"email":"a@example.org"}]""", created.Body["attendees"]!.ToJsonString());
        Assert.Equal("""{"metric":"weeks","value":4}""", created.Body["notify_before"]!.ToJsonString());
        Assert.Equal("""{"offset":-120,"name":"America/Noronha"}""", created.Body["timezone"]!.ToJsonString());
        Assert.Equal(host.UserId, (long)created.Body["host_id"]!);
    }

    [Fact]
    public async Task What_is_left_out_gets_its_default()
    {
        using var host = await ApiClient.NewUserAsync(_service);

        var created = await host.PostAsync("/meetings", new { name = "x", start_date = 1, end_date = 2 });

        foreach (var flag in new[] { "record", "public", "scheduled", "notify" })
            Assert.False((bool)created.Body![flag]!);
        foreach (var absent in new[] { "notify_before", "timezone", "chat_dialog_id" })
            Assert.True(created.Object.ContainsKey(absent) && created.Body![absent] is null, absent);
        Assert.Empty((JsonArray)created.Body!["attendees"]!);
    }

    [Fact]
    public async Task Change_touches_only_what_it_names()
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var created = await host.PostAsync("/meetings", ApiClient.Meeting(attendees: [new { id = 5 }]));

        var changed = await host.PutAsync($"/meetings/{created.Id}.json", new { name = "New", notify_before = new { metric = "hours", value = 1 } });
        var cleared = await host.PutAsync($"/meetings/{created.Id}", new JsonObject { ["notify_before"] = null });
        var whole = await host.SendTextAsync(HttpMethod.Put, $"/meetings/{created.Id}", cleared.Text);

        Assert.Equal("New", (string)changed.Body!["name"]!);
        Assert.Equal(created.Body!["attendees"]!.ToJsonString(), changed.Body["attendees"]!.ToJsonString());
        Assert.NotNull(changed.Body["notify_before"]);
        Assert.Null(cleared.Body!["notify_before"]);
        Assert.Equal(cleared.Text, whole.Text);
        Assert.Equal(cleared.Text, (await host.GetAsync($"/meetings?_id={created.Id}")).Text);
    }

    [Fact]
    public async Task Cancelled_meeting_is_gone_for_good()
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var id = await host.ScheduleAsync();

        Assert.Equal(HttpStatusCode.OK, (await host.DeleteAsync($"/meetings/{id}.json")).Status);

        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"/meetings?_id={id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.PutAsync($"/meetings/{id}", new { name = "x" })).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.DeleteAsync($"/meetings/{id}")).Status);
        Assert.Equal("[]", (await host.GetAsync("/meetings")).Text);
    }

    [Fact]
    public async Task Two_writers_both_get_through()
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var id = await host.ScheduleAsync();

        var names = Enumerable.Range(0, 4).Select(i => host.PutAsync($"/meetings/{id}", new { name = $"name {i}" }));
        var ends = Enumerable.Range(0, 4).Select(i => host.PutAsync($"/meetings/{id}", new { end_date = 1_900_010_000 + i }));
        var answers = await Task.WhenAll(names.Concat(ends));

        Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, answer.Text));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        var after = (await host.GetAsync($"/meetings?_id={id}")).Body!;
        var named = answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => (string)answer.Body!["name"]!);
        Assert.Contains((string)after["name"]!, named);
        Assert.StartsWith("name", (string)after["name"]!, StringComparison.Ordinal);
        Assert.InRange((long)after["end_date"]!, 1_900_010_000, 1_900_010_003);
    }

    [Fact]
    public async Task Cancelling_and_changing_at_once_leaves_no_meeting()
    {
        using var host = await ApiClient.NewUserAsync(_service);
        var id = await host.ScheduleAsync();

        var changes = Enumerable.Range(0, 3).Select(i => host.PutAsync($"/meetings/{id}", new { name = $"name {i}" }));
        var answers = await Task.WhenAll(changes.Append(host.DeleteAsync($"/meetings/{id}")));

        Assert.Equal(HttpStatusCode.OK, answers[^1].Status);
        Assert.All(answers[..^1], answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.Conflict, answer.Text));
        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync($"/meetings?_id={id}")).Status);
    }
}
