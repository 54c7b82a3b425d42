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
internal sealed class IceLiteAgent(IEntropy entropy, Instant now)
{
    /// <summary>Characters of the username fragment: 48 random bits, and one machine word to look a peer up by.</summary>
    public const int UfragLength = 8;

    /// <summary>RFC 7675 section 5.1: consent expires 30 seconds after the last valid check.</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// An address in use that has been silent so long gives way to one from which checks come. Twice the longest pause between checks for consent,
    /// 6 seconds (RFC 7675 section 5.1), so that one lost check moves nothing.
    /// </summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(12);

    private readonly ValidatedAddresses _addresses = new();
    private IceCredentials _current = new(entropy);
    private IceCredentials? _former;
    private TransportAddress? _evicted;
    private string? _retiredUfrag;

    public string LocalUfrag => _current.Ufrag;

    public string LocalPassword => _current.Password;

    /// <summary>Of the credentials that a restart has replaced, while they still work.</summary>
    public string? FormerUfrag => _former?.Ufrag;

    /// <inheritdoc cref="IceCredentials.RemoteUfrag"/>
    public string? RemoteUfrag
    {
        get => _current.RemoteUfrag;
        set => _current.RemoteUfrag = value;
    }

    public int AddressCount => _addresses.Count;

    /// <summary>Where to send: the nominated address, before that the first one that passed a check; null before any did.</summary>
    public TransportAddress? Selected { get; private set; }

    public Instant ConsentExpiresAt { get; private set; } = now + ConsentTimeout;

    public TransportAddress Address(int index) => _addresses[index];

    /// <summary>
    /// New credentials for an ICE restart (RFC 8445 section 9). The former ones and the addresses stay in use until the client nominates with the new
    /// ones; credentials that the client has never used are forgotten at once.
    /// </summary>
    public void Restart(IEntropy entropy)
    {
        if (_current.IsProven)
        {
            _retiredUfrag = _former?.Ufrag;
            _former = _current;
        }
        else
        {
            _retiredUfrag = _current.Ufrag;
        }
        _current = new(entropy);
    }

    public bool Knows(in TransportAddress address) => _addresses.Contains(address);

    /// <summary>Judges a Binding request addressed to this agent and writes the answer.</summary>
    /// <param name="request">The request; its USERNAME begins with a username fragment of this agent.</param>
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
        if (CredentialsOf(request.Username) is not { } credentials || !request.VerifyIntegrity(credentials.PasswordBytes))
            return IceCheckOutcome.Dropped;
        if (request.HasUnknownComprehensionRequired)
        {
            length = BindingMessages.WriteError(response, request, StunErrorCode.UnknownAttribute, credentials.PasswordBytes);
            return IceCheckOutcome.Refused;
        }
        if (request.IceControlled is not null)
        {
            // RFC 8445 section 7.3.1.1: a lite agent is always controlled, so the other side must switch.
            length = BindingMessages.WriteError(response, request, StunErrorCode.RoleConflict, credentials.PasswordBytes);
            return IceCheckOutcome.Refused;
        }
        credentials.IsProven = true;
        var isNew = _addresses.Note(source, Selected, now, out _evicted);
        if (request.UseCandidate || Selected is not { } selected || HasFallenSilent(selected, now))
            Selected = source;
        if (request.UseCandidate && credentials == _current)
            RetireFormer();
        ConsentExpiresAt = now + ConsentTimeout;
        length = BindingMessages.WriteSuccess(response, request.TransactionId, source, credentials.PasswordBytes);
        return isNew ? IceCheckOutcome.AddressAdded : IceCheckOutcome.Refreshed;
    }

    /// <summary>Nothing can be sent to this address any more; the one with the latest check takes over.</summary>
    public void Forget(in TransportAddress address)
    {
        _addresses.Remove(address);
        if (Selected == address)
            Selected = _addresses.Liveliest();
    }

    /// <summary>An address that had to make room for a newer one, to be taken out of the port's address table.</summary>
    public TransportAddress? TakeEvicted()
    {
        var evicted = _evicted;
        _evicted = null;
        return evicted;
    }

    /// <summary>A username fragment that works no longer, to be taken out of the table of peers.</summary>
    public string? TakeRetiredUfrag()
    {
        var retired = _retiredUfrag;
        _retiredUfrag = null;
        return retired;
    }

    private bool HasFallenSilent(in TransportAddress address, Instant now) =>
        _addresses.LastCheck(address) is not { } last || now - last > SilenceLimit;

    private void RetireFormer()
    {
        if (_former is null)
            return;
        _retiredUfrag = _former.Ufrag;
        _former = null;
    }

    private IceCredentials? CredentialsOf(ReadOnlySpan<byte> username) =>
        _current.AreNamedBy(username) ? _current
        : _former is not null && _former.AreNamedBy(username) ? _former
        : null;
}
