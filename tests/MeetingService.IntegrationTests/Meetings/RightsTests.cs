using System.Net;

namespace MeetingService.IntegrationTests.Meetings;

[Collection(SharedServiceTests.Name)]
public sealed class RightsTests(SharedService shared)
{
    private readonly RunningService _service = shared.Service;

    /// <summary>Answers to: read a private one, read a public one, change, cancel, schedule.</summary>
    [Theory]
    [InlineData("host", 200, 200, 200, 200, 201)]
    [InlineData("attendee by id", 200, 200, 403, 403, 201)]
    [InlineData("attendee by e-mail", 200, 200, 403, 403, 201)]
    [InlineData("stranger", 403, 200, 403, 403, 201)]
    [InlineData("guest", 403, 200, 403, 403, 201)]
    [InlineData("application", 403, 403, 403, 403, 403)]
    [InlineData("other application", 404, 404, 404, 404, 201)]
    [InlineData("nobody", 401, 401, 401, 401, 401)]
    public async Task Everybody_may_do_what_the_role_allows(string role, int readPrivate, int readPublic, int change, int cancel, int schedule)
    {
        var email = $"attendee-{Guid.NewGuid():N}@example.org";
        using var host = await ApiClient.NewUserAsync(_service);
        using var byId = await ApiClient.NewUserAsync(_service);
        using var caller = role switch
        {
            "host" => new ApiClient(_service.NewClient(), host.Token, host.UserId),
            "attendee by id" => new ApiClient(_service.NewClient(), byId.Token, byId.UserId),
            "attendee by e-mail" => await ApiClient.NewUserAsync(_service, email: email),
            "stranger" => await ApiClient.NewUserAsync(_service),
            "guest" => await ApiClient.NewGuestAsync(_service),
            "application" => await ApiClient.ApplicationAsync(_service),
            "other application" => await ApiClient.NewUserAsync(_service, RunningService.OtherApplication),
            _ => new ApiClient(_service.NewClient()),
        };
        object[] attendees = [new { id = byId.UserId }, new { email }];
        var hidden = await host.ScheduleAsync(ApiClient.Meeting(attendees: attendees));
        var shown = await host.ScheduleAsync(ApiClient.Meeting(attendees: attendees, isPublic: true));

        Assert.Equal(readPrivate, (int)(await caller.GetAsync($"/meetings?_id={hidden}")).Status);
        Assert.Equal(readPublic, (int)(await caller.GetAsync($"/meetings?_id={shown}")).Status);
        Assert.Equal(change, (int)(await caller.PutAsync($"/meetings/{hidden}", new { name = "Mine now" })).Status);
        Assert.Equal(cancel, (int)(await caller.DeleteAsync($"/meetings/{hidden}")).Status);
        Assert.Equal(schedule, (int)(await caller.PostAsync("/meetings", ApiClient.Meeting())).Status);
        Assert.Equal(role == "host" ? HttpStatusCode.NotFound : HttpStatusCode.OK, (await host.GetAsync($"/meetings?_id={hidden}")).Status);
    }

    [Fact]
    public async Task Guest_sees_no_list_of_others_meetings()
    {
        using var host = await ApiClient.NewUserAsync(_service);
        await host.ScheduleAsync(ApiClient.Meeting(isPublic: true));
        using var guest = await ApiClient.NewGuestAsync(_service);

        Assert.Equal("[]", (await guest.GetAsync("/meetings")).Text);
    }
}
