using System.Text.Json;
using MeetingService.Accounts;
using MeetingService.Meetings;
using MeetingService.Publication;
using MeetingService.Storage;
using MeetingService.Wire;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ServiceDefaults;

namespace MeetingService;

/// <summary>Builds the service; apart from Program.cs so that tests run it in their own process.</summary>
internal static class MeetingServiceHost
{
    /// <param name="args">Command line.</param>
    /// <param name="replace">What a test puts in place before the service's own, such as a clock.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? replace = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        replace?.Invoke(builder);
        builder.WebHost.ConfigureKestrel(kestrel => (kestrel.AddServerHeader, kestrel.Limits.MaxRequestBodySize) = (false, JsonBody.MaximumSize));
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddServiceDefaults();
        builder.AddPublication();
        builder.AddStorage();
        builder.AddAccounts();

        var app = builder.Build();
        app.UseRefusals();
        app.UseJsonSuffix();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapDefaultEndpoints();
        app.MapAccounts();
        app.MapMeetings();
        return app;
    }
}
