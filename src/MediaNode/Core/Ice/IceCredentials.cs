using MediaNode.Core.Entropy;

namespace MediaNode.Core.Ice;

/// <summary>One generation of a peer's ICE credentials: from its description until a restart has taken the place of it.</summary>
internal sealed class IceCredentials
{
    /// <summary>144 random bits; RFC 8839 section 5.4 asks for at least 128.</summary>
    private const int PasswordLength = 24;

    public IceCredentials(IEntropy entropy)
    {
        Ufrag = entropy.IceText(IceLiteAgent.UfragLength);
        Password = entropy.IceText(PasswordLength);
        PasswordBytes = System.Text.Encoding.ASCII.GetBytes(Password);
    }

    public string Ufrag { get; }

    public string Password { get; }

    public byte[] PasswordBytes { get; }

    /// <summary>The other side's username fragment, once its description is known; a check that names another one is refused.</summary>
    public string? RemoteUfrag { get; private set; }

    /// <summary>What the other side's answers to our own checks are signed with.</summary>
    public byte[] RemotePasswordBytes { get; private set; } = [];

    /// <summary>A valid check has come with them, so the client has them.</summary>
    public bool IsProven { get; set; }

    public void SetRemote(string ufrag, string password) =>
        (RemoteUfrag, RemotePasswordBytes) = (ufrag, System.Text.Encoding.ASCII.GetBytes(password));

    /// <param name="username">USERNAME of a check, "our ufrag:their ufrag", long enough to hold the colon.</param>
    public bool AreNamedBy(ReadOnlySpan<byte> username)
    {
        if (!System.Text.Ascii.Equals(username[..IceLiteAgent.UfragLength], Ufrag))
            return false;
        // Before their description came, any is taken: whoever knows the password has ours.
        var remote = username[(IceLiteAgent.UfragLength + 1)..];
        return RemoteUfrag is null || System.Text.Ascii.Equals(remote, RemoteUfrag);
    }
}
