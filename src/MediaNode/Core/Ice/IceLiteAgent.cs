using MediaNode.Core.Entropy;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace MediaNode.Core.Ice;

/// <summary>What a check led to.</summary>
internal enum IceCheckOutcome
{
    /// <summary>Counted under the reason given; nothing changed and nothing is answered.</summary>
    Dropped,

    /// <summary>Answered with an error; nothing else changed.</summary>
    Refused,

    /// <summary>Answered; the address was known.</summary>
    Refreshed,

    /// <summary>Answered; the address is new to this peer.</summary>
    AddressAdded,
}

/// <summary>
/// The lite side of ICE for one peer (RFC 8445 section 2.5): answers checks, learns addresses only from checks that carry the right
/// password, and follows the controlling side's nomination. The checks that keep coming are the peer's consent (RFC 7675).
/// </summary>
internal sealed class IceLiteAgent
{
    /// <summary>Characters of the username fragment: 48 random bits, and one machine word to look a peer up by.</summary>
    public const int UfragLength = 8;

    /// <summary>144 random bits; RFC 8839 section 5.4 asks for at least 128.</summary>
    private const int PasswordLength = 24;

    /// <summary>Addresses one peer may have at once: its own interfaces and their reflections. More are not answered.</summary>
    public const int MaximumAddresses = 16;

    /// <summary>RFC 7675 section 5.1: consent expires 30 seconds after the last valid check.</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    private readonly List<TransportAddress> _addresses = new(2);
    private byte[] _passwordBytes;
    private TransportAddress? _nominated;

    public IceLiteAgent(IEntropy entropy, Instant now)
    {
        LocalUfrag = entropy.IceText(UfragLength);
        LocalPassword = entropy.IceText(PasswordLength);
        _passwordBytes = System.Text.Encoding.ASCII.GetBytes(LocalPassword);
        ConsentExpiresAt = now + ConsentTimeout;
    }

    public string LocalUfrag { get; private set; }

    public string LocalPassword { get; private set; }

    /// <summary>The other side's username fragment, once its description is known; a check that names another one is refused.</summary>
    public string? RemoteUfrag { get; set; }

    public IReadOnlyList<TransportAddress> Addresses => _addresses;

    /// <summary>Where to send: the nominated address, before that the first one that passed a check; null before any did.</summary>
    public TransportAddress? Selected => _nominated ?? (_addresses.Count > 0 ? _addresses[0] : null);

    public Instant ConsentExpiresAt { get; private set; }

    /// <summary>New credentials for an ICE restart; the addresses known stay in use until a check with the new ones comes (RFC 8445 section 9).</summary>
    public void Restart(IEntropy entropy)
    {
        LocalUfrag = entropy.IceText(UfragLength);
        LocalPassword = entropy.IceText(PasswordLength);
        _passwordBytes = System.Text.Encoding.ASCII.GetBytes(LocalPassword);
        RemoteUfrag = null;
        _nominated = null;
    }

    public bool Knows(in TransportAddress address) => _addresses.Contains(address);

    /// <summary>Judges a Binding request addressed to this agent and writes the answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="response">At least 768 bytes.</param>
    /// <param name="length">Of the answer; 0 when there is none.</param>
    /// <param name="dropReason">Meaningful when the outcome is <see cref="IceCheckOutcome.Dropped"/>.</param>
    public IceCheckOutcome HandleCheck(
        in StunMessageView request, in TransportAddress source, Instant now, Span<byte> response, out int length, out DropReason dropReason)
    {
        length = 0;
        dropReason = DropReason.StunIntegrity;
        // Nothing is answered to whoever does not know the password: no reflection, no state.
        if (!request.VerifyIntegrity(_passwordBytes) || !NamesRemote(request.Username))
            return IceCheckOutcome.Dropped;
        if (request.HasUnknownComprehensionRequired)
        {
            length = BindingMessages.WriteError(response, request, StunErrorCode.UnknownAttribute, _passwordBytes);
            return IceCheckOutcome.Refused;
        }
        if (request.IceControlled is not null)
        {
            // RFC 8445 section 7.3.1.1: a lite agent is always controlled, so the other side must switch.
            length = BindingMessages.WriteError(response, request, StunErrorCode.RoleConflict, _passwordBytes);
            return IceCheckOutcome.Refused;
        }
        var known = Knows(source);
        if (!known && _addresses.Count == MaximumAddresses && !MakeRoom())
        {
            dropReason = DropReason.StunUnexpected;
            return IceCheckOutcome.Dropped;
        }
        if (!known)
            _addresses.Add(source);
        if (request.UseCandidate)
            _nominated = source;
        ConsentExpiresAt = now + ConsentTimeout;
        length = BindingMessages.WriteSuccess(response, request.TransactionId, source, _passwordBytes);
        return known ? IceCheckOutcome.Refreshed : IceCheckOutcome.AddressAdded;
    }

    /// <summary>The oldest address that is not in use goes; its owner notices by <see cref="Evicted"/>.</summary>
    private bool MakeRoom()
    {
        for (var i = 0; i < _addresses.Count; i++)
        {
            if (_addresses[i] == Selected)
                continue;
            Evicted = _addresses[i];
            _addresses.RemoveAt(i);
            return true;
        }
        return false;
    }

    /// <summary>An address that had to make room for a newer one, to be taken out of the port's address table.</summary>
    public TransportAddress? Evicted { get; private set; }

    public void ClearEvicted() => Evicted = null;

    /// <summary>USERNAME is "our ufrag:their ufrag"; before their description came, any is taken.</summary>
    private bool NamesRemote(ReadOnlySpan<byte> username)
    {
        if (RemoteUfrag is null)
            return true;
        var remote = username[(UfragLength + 1)..];
        return remote.Length == RemoteUfrag.Length && System.Text.Ascii.Equals(remote, RemoteUfrag);
    }
}
