using MeetingService.Accounts;

namespace MeetingService.UnitTests.Accounts;

public sealed class OpenSessionTests
{
    private static readonly Application Open = new() { Id = 1, AuthKey = "k" };
    private static readonly Application Closed = Open with { CreateUsersOnTheFly = false };
    private static readonly User Known = new() { ApplicationId = 1, CreatedAt = default, UpdatedAt = default };
    private static readonly OpenSession WithUser = new(1, "k", new("login", null, "password"), IsGuest: false, GuestName: null);
    private static readonly OpenSession Alone = WithUser with { Credentials = null };

    [Fact]
    public void Wrong_application_is_refused_whoever_asks() => Assert.Equal(401, OpenSession.Decide(WithUser, null, Known, passwordFits: true).Problem!.Status);

    [Fact]
    public void Known_user_enters_with_the_password() => Assert.Equal(Entrant.KnownUser, OpenSession.Decide(WithUser, Closed, Known, passwordFits: true).Value);

    [Fact]
    public void Known_user_does_not_enter_without_it() => Assert.Equal(401, OpenSession.Decide(WithUser, Open, Known, passwordFits: false).Problem!.Status);

    [Fact]
    public void Unknown_user_is_made_where_that_is_allowed() => Assert.Equal(Entrant.NewUser, OpenSession.Decide(WithUser, Open, null, passwordFits: false).Value);

    [Fact]
    public void Unknown_user_is_refused_where_it_is_not() => Assert.Equal(401, OpenSession.Decide(WithUser, Closed, null, passwordFits: false).Problem!.Status);

    [Fact]
    public void No_user_means_the_application_alone() => Assert.Equal(Entrant.ApplicationAlone, OpenSession.Decide(Alone, Open, null, passwordFits: false).Value);

    [Fact]
    public void Guest_is_made_anew() => Assert.Equal(Entrant.NewGuest, OpenSession.Decide(Alone with { IsGuest = true }, Open, null, passwordFits: false).Value);
}
