using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Servers;

/// <summary>Finds the programs of PostgreSQL and RabbitMQ; distributions keep the real ones away from PATH.</summary>
internal static class ServerBinaries
{
    public const string InstallPostgres = "apt-get install postgresql";
    public const string InstallRabbitMq = "apt-get install rabbitmq-server";

    /// <summary>Name folders with the programs of an installation in an unusual place; nothing else is then looked at.</summary>
    public const string PostgresVariable = "PLATFORM_POSTGRES_BIN";
    public const string RabbitMqVariable = "PLATFORM_RABBITMQ_SBIN";

    /// <summary>The folder of <c>initdb</c> and <c>postgres</c>, newest version first, then PATH.</summary>
    public static string? FindPostgresFolder() =>
        (Named(PostgresVariable) ?? Folders("/usr/lib/postgresql", "*", "bin")
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder)), out var version) ? version : 0)
            .Concat(SearchPath()))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));

    /// <summary>
    /// The folder of RabbitMQ's own scripts. Debian's /usr/sbin/rabbitmq-server is a wrapper that becomes user rabbitmq and uses the
    /// system's instance, so it is no candidate.
    /// </summary>
    public static string? FindRabbitMqFolder() =>
        (Named(RabbitMqVariable) ?? Folders("/usr/lib/rabbitmq/lib", "rabbitmq_server-*", "sbin")
            .Concat(Folders("/opt", "rabbitmq*", "sbin"))
            .Concat(SearchPath().Where(folder => folder is not ("/usr/sbin" or "/sbin"))))
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, "rabbitmq-server")) && File.Exists(Path.Combine(folder, "rabbitmq-env")));

    public static string? FindEpmd() => FindOnPath("epmd")
        ?? Folders("/usr/lib/erlang", "erts-*", "bin").Select(folder => Path.Combine(folder, "epmd")).FirstOrDefault(File.Exists);

    public static string PostgresFolder() => FindPostgresFolder() ?? throw new MissingSoftwareException("PostgreSQL", InstallPostgres);

    public static string RabbitMqFolder() => FindRabbitMqFolder() ?? throw new MissingSoftwareException("RabbitMQ", InstallRabbitMq);

    public static string Epmd() => FindEpmd() ?? throw new MissingSoftwareException("Erlang's epmd, which RabbitMQ needs,", InstallRabbitMq);

    /// <summary>Asked before anything is started, so that the one message is all that happens.</summary>
    /// <exception cref="MissingSoftwareException">A server of the model is not installed.</exception>
    public static void RequireFor(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources)
        {
            if (resource is PostgresServerResource)
                PostgresFolder();
            if (resource is RabbitMQServerResource)
                (_, _) = (RabbitMqFolder(), Epmd());
        }
    }

    public static string? FindOnPath(string program) =>
        SearchPath().Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static IEnumerable<string>? Named(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder ? [folder] : null;

    private static string[] SearchPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Folders(string parent, string pattern, string child) =>
        Directory.Exists(parent)
            ? Directory.GetDirectories(parent, pattern).Order().Reverse().Select(folder => Path.Combine(folder, child)).Where(Directory.Exists)
            : [];
}
