using MeetingService.Wire;

namespace MeetingService.Accounts;

/// <summary>Who somebody claims to be: a login or an e-mail address, of which the login counts when both are given, and the password.</summary>
internal sealed record Credentials(string? Login, string? Email, string Password)
{
    public const int MaximumLoginLength = 255;

    /// <summary>Characters. Bounds the work of hashing what a stranger sends.</summary>
    private const int MaximumPasswordLength = 256;

    /// <summary>Null when the reader has refused something.</summary>
    public static Credentials? Read(FieldReader fields)
    {
        var login = fields.Text("login", MaximumLoginLength);
        var email = ReadEmail(fields);
        var password = fields.Text("password", MaximumPasswordLength);
        if (fields.Problem is not null)
            return null;
        if (string.IsNullOrWhiteSpace(login) && email is null)
            fields.Refuse("login", "is required, or email is");
        if (string.IsNullOrEmpty(password))
            fields.Refuse("password", "is required");
        if (fields.Problem is not null)
            return null;
        return string.IsNullOrWhiteSpace(login) ? new(null, email, password!) : new(login, null, password!);
    }

    private static string? ReadEmail(FieldReader fields)
    {
        if (fields.Text("email", WireText.MaximumEmailLength) is not { } given)
            return null;
        var email = WireText.NormalizeEmail(given);
        if (email is null)
            fields.Refuse("email", "must be an e-mail address");
        return email;
    }
}
