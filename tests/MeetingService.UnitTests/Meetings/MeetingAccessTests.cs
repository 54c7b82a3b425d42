using MeetingService.Meetings;

namespace MeetingService.UnitTests.Meetings;

public sealed class MeetingAccessTests
{
    [Theory]
    [InlineData(1, 1, null, false, 200)]
    [InlineData(1, 2, null, false, 200)]
    [InlineData(1, 3, "guest@example.org", false, 200)]
    [InlineData(1, 3, null, false, 403)]
    [InlineData(1, 3, null, true, 200)]
    [InlineData(2, 1, null, true, 404)]
    public void Reading_is_for_participants_unless_the_meeting_is_public(long application, long user, string? email, bool isPublic, int status) =>
        Assert.Equal(status, MeetingAccess.ToRead(Sample.Meeting() with { Public = isPublic }, application, user, email).Problem?.Status ?? 200);

    [Theory]
    [InlineData(1, 1, 200)]
    [InlineData(1, 2, 403)]
    [InlineData(2, 1, 404)]
    public void Changing_is_for_the_host(long application, long user, int status) =>
        Assert.Equal(status, MeetingAccess.ToChange(Sample.Meeting(), application, user).Problem?.Status ?? 200);
}
