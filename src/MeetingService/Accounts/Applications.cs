using System.Security.Cryptography;
using System.Text;

namespace MeetingService.Accounts;

/// <summary>An application is a tenant: its users and meetings are invisible to every other one.</summary>
internal sealed record Application
{
    /// <summary>Positive; what clients give as <c>application_id</c>.</summary>
    public long Id { get; init; }

    /// <summary>What clients give as <c>auth_key</c>. It ships inside client apps, so it is an identifier more than a secret.</summary>
    public string AuthKey { get; init; } = "";

    /// <summary>Opening a session with an unknown login makes the user (default), or is refused.</summary>
    public bool CreateUsersOnTheFly { get; init; } = true;
}

/// <summary>The applications served, from configuration (<c>Applications:0:Id</c>, <c>Applications:0:AuthKey</c>, …).</summary>
internal sealed class Applications
{
    private const string Section = "Applications";

    private readonly Dictionary<long, Application> _byId;

    public Applications(IReadOnlyList<Application> applications)
    {
        Validate(applications);
        _byId = applications.ToDictionary(application => application.Id);
    }

    public static Applications From(IConfiguration configuration) => new(configuration.GetSection(Section).Get<Application[]>() ?? []);

    public Application? Authenticate(long id, string authKey) =>
        _byId.GetValueOrDefault(id) is { } application
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(application.AuthKey), Encoding.UTF8.GetBytes(authKey))
            ? application
            : null;

    private static void Validate(IReadOnlyList<Application> applications)
    {
        if (applications.Count == 0)
            throw new InvalidOperationException($"No application is configured: set {Section}__0__Id (a positive number) and {Section}__0__AuthKey.");
        for (var i = 0; i < applications.Count; i++)
        {
            if (applications[i].Id <= 0)
                throw new InvalidOperationException($"{Section}:{i}:Id must be a positive number.");
            if (string.IsNullOrWhiteSpace(applications[i].AuthKey))
                throw new InvalidOperationException($"{Section}:{i}:AuthKey is not set.");
            if (applications.Take(i).Any(earlier => earlier.Id == applications[i].Id))
                throw new InvalidOperationException($"{Section}:{i}:Id {applications[i].Id} is used twice.");
        }
    }
}
