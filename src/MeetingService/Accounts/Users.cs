using Marten;
using Microsoft.AspNetCore.Identity;

namespace MeetingService.Accounts;

/// <summary>Finds users by what they claim, and checks and makes their passwords' hashes.</summary>
internal sealed class Users
{
    private readonly PasswordHasher<User> _hasher = new();

    /// <summary>Checked in place of an unknown user's, so that the time of a refusal does not tell which logins exist.</summary>
    private readonly string _nobodysHash;

    public Users() => _nobodysHash = Hash(Guid.NewGuid().ToString());

    public static Task<User?> FindAsync(IQuerySession session, long applicationId, Credentials credentials, CancellationToken cancellationToken)
    {
        var users = session.Query<User>().Where(user => user.ApplicationId == applicationId);
        users = credentials.Login is { } login ? users.Where(user => user.Login == login) : users.Where(user => user.Email == credentials.Email);
        return users.SingleOrDefaultAsync(cancellationToken);
    }

    public bool IsPasswordOf(User? user, string password) =>
        _hasher.VerifyHashedPassword(user!, user?.PasswordHash ?? _nobodysHash, password) != PasswordVerificationResult.Failed
        && user?.PasswordHash is not null;

    /// <summary>The hasher takes a user for the sake of other implementations, and ignores it.</summary>
    public string Hash(string password) => _hasher.HashPassword(null!, password);
}
