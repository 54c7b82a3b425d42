using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Platform.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(RabbitMqServer))]

namespace MeetingService.IntegrationTests;

/// <summary>The service in this process, on a free port, over real PostgreSQL and RabbitMQ.</summary>
public sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app) => _app = app;

    public static long Application => 1;

    public static long OtherApplication => 2;

    public static long ClosedApplication => 3;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningService> StartAsync(string database, string messaging, FakeTimeProvider? clock = null)
    {
        var app = MeetingServiceHost.Build(Settings(database, messaging), builder =>
        {
            builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
            if (clock is not null)
                builder.Services.AddSingleton<TimeProvider>(clock);
        });
        await app.StartAsync();
        return new(app);
    }

    public HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false, UseCookies = false }) { BaseAddress = Address };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static string[] Settings(string database, string messaging) =>
    [
        $"--urls=http://{IPAddress.Loopback}:0",
        $"--ConnectionStrings:platform={database}",
        $"--ConnectionStrings:messaging={messaging}",
        $"--Applications:0:Id={Application}",
        "--Applications:0:AuthKey=key-1",
        $"--Applications:1:Id={OtherApplication}",
        "--Applications:1:AuthKey=key-2",
        $"--Applications:2:Id={ClosedApplication}",
        "--Applications:2:AuthKey=key-3",
        "--Applications:2:CreateUsersOnTheFly=false",
    ];
}

[CollectionDefinition(Name)]
public sealed class SharedServiceTests : ICollectionFixture<SharedService>
{
    public const string Name = "shared service";
}

/// <summary>One service for all the tests that need nothing special of it; each test makes users and meetings of its own.</summary>
public sealed class SharedService(PostgresServer postgres, RabbitMqServer rabbitMq) : IAsyncLifetime
{
    private RunningService? _service;

    public RunningService Service => _service ?? throw new InvalidOperationException("The fixture has not been started by xunit.");

    public async ValueTask InitializeAsync() =>
        _service = await RunningService.StartAsync(await postgres.CreateDatabaseAsync(), rabbitMq.ConnectionString);

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
            await _service.DisposeAsync();
    }
}
