using MassTransit;
using MeetingService.Contracts;
using MimeKit;
using Npgsql;
using Platform.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotificationService.IntegrationTests.Harness;

/// <summary>A database, a virtual host and an outbox of a test's own, the bus that speaks as MeetingService does, and the services started in it.</summary>
public sealed class Scene : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _services = [];
    private readonly NpgsqlDataSource _database;
    private readonly IBusControl _bus;

    private Scene(string database, string messaging)
    {
        (DatabaseAddress, MessagingAddress) = (database, messaging);
        _database = NpgsqlDataSource.Create(database);
        _bus = Bus.Factory.CreateUsingRabbitMq(rabbit => rabbit.Host(new Uri(messaging)));
    }

    public string DatabaseAddress { get; }
    public string MessagingAddress { get; }
    public string OutboxPath => Path.Combine(_folder.Path, "outbox");

    public static async Task<Scene> SetAsync(PostgresServer postgres, RabbitMqServer rabbit)
    {
        var scene = new Scene(await postgres.CreateDatabaseAsync(), await rabbit.CreateVirtualHostAsync());
        await scene._bus.StartAsync();
        return scene;
    }

    /// <summary>The settings of a service in this scene.</summary>
    public Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["ConnectionStrings:platform"] = DatabaseAddress,
            ["ConnectionStrings:messaging"] = MessagingAddress,
            ["Outbox:Path"] = OutboxPath,
            ["urls"] = "http://127.0.0.1:0",
        };
        foreach (var (key, value) in more)
            settings[key] = value;
        return settings;
    }

    /// <summary>Starts the service within this process.</summary>
    public async Task<InProcessService> StartServiceAsync(params (string Key, string Value)[] settings)
    {
        var service = await InProcessService.StartAsync(Settings(settings));
        _services.Add(service);
        return service;
    }

    /// <summary>Starts the service as a process that can be killed.</summary>
    public async Task<ServiceProcess> StartProcessAsync(params (string Key, string Value)[] settings)
    {
        var process = await ServiceProcess.StartAsync(Settings(settings));
        _services.Add(process);
        return process;
    }

    public Task PublishAsync<T>(T message) where T : class => _bus.Publish(message);

    public Task ScheduleAsync(MeetingDetails meeting) => PublishAsync(new MeetingScheduled(Guid.NewGuid(), meeting));

    public Task ChangeAsync(MeetingDetails meeting) => PublishAsync(new MeetingChanged(Guid.NewGuid(), meeting));

    public Task CancelAsync(MeetingDetails meeting) => PublishAsync(new MeetingCancelled(Guid.NewGuid(), meeting));

    /// <summary>The mails of a meeting that lie in the outbox, by their recipients.</summary>
    public IReadOnlyList<MimeMessage> Mails(MeetingDetails meeting) =>
        Directory.Exists(OutboxPath) ? [.. Directory.GetFiles(OutboxPath, $"{meeting.MeetingId}-*.eml").Select(file => MimeMessage.Load(file))] : [];

    public IReadOnlyList<string> MailedTo(MeetingDetails meeting) =>
        [.. Mails(meeting).SelectMany(mail => mail.To.Mailboxes).Select(mailbox => mailbox.Address).Order(StringComparer.Ordinal)];

    public Task UntilMailedAsync(MeetingDetails meeting, int count) => Eventually.BecomesTrue(
        () => Mails(meeting).Count >= count, TimeSpan.FromSeconds(30), $"{count} mails of meeting {meeting.Name}");

    /// <summary>Waits until the newest version that the service knows is this one.</summary>
    public Task UntilKnownAsync(MeetingDetails meeting) => Eventually.BecomesTrue(
        async () => await QueryAsync<long>($"select coalesce(max(version), 0) from notifications.meetings where meeting_id = '{meeting.MeetingId}'") >= meeting.Version,
        TimeSpan.FromSeconds(30),
        $"version {meeting.Version} of meeting {meeting.Name} is known");

    public Task<long> SentAsync(MeetingDetails meeting) =>
        QueryAsync<long>($"select count(*) from notifications.deliveries where meeting_id = '{meeting.MeetingId}' and sent_at is not null");

    public Task UntilSentAsync(MeetingDetails meeting, int count) => Eventually.BecomesTrue(
        async () => await SentAsync(meeting) == count, TimeSpan.FromSeconds(30), $"{count} mails of meeting {meeting.Name} are recorded as sent");

    /// <returns>0 also for a queue that is not there.</returns>
    public async Task<uint> MessagesInAsync(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(MessagingAddress) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (OperationInterruptedException)
        {
            return 0;
        }
    }

    public async Task<T> QueryAsync<T>(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Holds a lock until it is disposed.</summary>
    public async Task<IAsyncDisposable> LockAsync(string sql)
    {
        var connection = await _database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
            await service.DisposeAsync();
        await _bus.StopAsync();
        await _database.DisposeAsync();
        _folder.Dispose();
    }
}
