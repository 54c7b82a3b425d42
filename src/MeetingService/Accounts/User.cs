namespace MeetingService.Accounts;

/// <summary>A person, or a guest made for one session.</summary>
internal sealed record User
{
    /// <summary>From a sequence; positive and below 2^53, so that JavaScript holds it exactly.</summary>
    public long Id { get; set; }

    public required long ApplicationId { get; init; }

    /// <summary>Unique within the application.</summary>
    public string? Login { get; init; }

    /// <summary>Lower case; unique within the application.</summary>
    public string? Email { get; init; }

    public string? FullName { get; init; }

    /// <summary>Null for guests, who cannot come back. Never leaves this service.</summary>
    public string? PasswordHash { get; init; }

    public bool IsGuest { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public string? DisplayName => FullName ?? Login ?? Email;
}
