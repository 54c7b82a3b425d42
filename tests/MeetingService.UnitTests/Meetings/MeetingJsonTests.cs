using System.Text.Json;
using MeetingService.Meetings;

namespace MeetingService.UnitTests.Meetings;

public sealed class MeetingJsonTests
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    [Fact]
    public void Meeting_has_the_members_and_types_that_clients_know() => Assert.Equal(
        """
        {"_id":"00000000000000000000000a","name":"Stand-up","start_date":1900000000,"end_date":1900003600,"attendees":[{"id":2,"email":"guest@example.org"}],"record":false,"public":false,"scheduled":false,"notify":true,"notify_before":{"metric":"minutes","value":10},"timezone":{"offset":120,"name":"Europe/Riga"},"chat_dialog_id":"0000000000000000000000dd","host_id":1,"created_at":"2023-11-14T22:13:20.123Z","updated_at":"2023-11-14T22:13:20.123Z"}
        """,
        JsonSerializer.Serialize(MeetingJson.From(Sample.Meeting()), Options));

    [Fact]
    public void Attendee_has_only_the_members_that_are_known()
    {
        var meeting = Sample.Meeting() with { Attendees = [new(5, null), new(null, "a@b.org")] };

        Assert.Contains("""[{"id":5},{"email":"a@b.org"}]""", JsonSerializer.Serialize(MeetingJson.From(meeting), Options), StringComparison.Ordinal);
    }
}
