using MeetingService.Wire;
using Microsoft.AspNetCore.Authentication;
using ServiceDefaults;

namespace MeetingService.Accounts;

/// <summary>Applications, users, sessions and their tokens.</summary>
internal static class AccountsModule
{
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(Applications.From(builder.Configuration));
        builder.Services.AddSingleton<Users>();
        builder.Services.AddSingleton<SigningKeys>();
        builder.Services.AddSingleton<ISigningKeys>(services => services.GetRequiredService<SigningKeys>());
        builder.Services.AddHostedService(services => services.GetRequiredService<SigningKeys>());
        builder.Services.AddSingleton<SessionTokenIssuer>();
        builder.Services.AddHostedService<IdleSessionSweeper>();
        builder.AddSessionTokens();
        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(SessionAuthentication.SchemeName)
            .AddScheme<AuthenticationSchemeOptions, SessionAuthentication>(SessionAuthentication.SchemeName, null);
    }

    public static void MapAccounts(this IEndpointRouteBuilder routes)
    {
        GetKeySet.Map(routes);
        OpenSession.Map(routes);
        var withSession = routes.MapGroup("").RequireAuthorization();
        GetSession.Map(withSession);
        EndSession.Map(withSession);
        LogIn.Map(withSession);
    }

    /// <summary>For routes that a session of the application alone is not enough for.</summary>
    public static RouteGroupBuilder RequireUser(this RouteGroupBuilder routes)
    {
        routes.RequireAuthorization();
        routes.AddEndpointFilter((invocation, next) =>
            invocation.HttpContext.Features.Get<Caller>() is { UserId: > 0 } ? next(invocation) : new(Problem.UserNeeded));
        return routes;
    }
}
