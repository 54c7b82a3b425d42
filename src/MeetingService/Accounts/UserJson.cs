using MeetingService.Wire;

namespace MeetingService.Accounts;

/// <summary>A user as clients see it. Members that the platform keeps nothing for are null, because clients expect them to be there.</summary>
internal sealed record UserJson(long Id, string? Login, string? Email, string? FullName, bool IsGuest, string CreatedAt, string UpdatedAt)
{
    public string? LastRequestAt { get; init; }

    public string? Phone { get; init; }

    public string? Website { get; init; }

    public string? ExternalId { get; init; }

    public string? FacebookId { get; init; }

    public string? TwitterId { get; init; }

    public string? CustomData { get; init; }

    public long? BlobId { get; init; }

    public string? Avatar { get; init; }

    public string? UserTags { get; init; }

    public int? Timezone { get; init; }

    public static UserJson From(User user) =>
        new(user.Id, user.Login, user.Email, user.FullName, user.IsGuest, WireTime.ToIso(user.CreatedAt), WireTime.ToIso(user.UpdatedAt));
}

/// <summary>The envelope of a single user.</summary>
internal sealed record UserAnswer(UserJson User);
