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

    /// <summary>Answered with an error, and counted under the reason given; nothing else changed.</summary>
    Refused,

    /// <summary>Answered; the address was known.</summary>
    Refreshed,

    /// <summary>Answered; the address is new to this peer.</summary>
    AddressAdded,
}

/// <summary>
/// The lite side of ICE for one peer (RFC 8445 section 2.5): answers checks, learns addresses only from checks that carry the right
/// password, and follows the controlling side's nomination. By checks of its own, which a lite agent need not send, it asks a connected client for consent (RFC 7675), and
/// for proof that it is where its media is to go. From a client that has never answered any, the checks that keep coming must do. See docs/media/ice.md.
/// </summary>
internal sealed class IceLiteAgent(IEntropy entropy, Instant now)
{
    /// <summary>Characters of the username fragment: 48 random bits, and one machine word to look a peer up by.</summary>
    public const int UfragLength = 8;

    /// <summary>RFC 7675 section 5.1: consent expires 30 seconds after the last answer.</summary>
    public static readonly TimeSpan ConsentTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Of a client that cannot be asked, an address in use that has been silent so long gives way to one from which checks come. Twice the longest pause between
    /// checks for consent, 6 seconds (RFC 7675 section 5.1), so that one lost check moves nothing.
    /// </summary>
    public static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(12);

    /// <summary>A client that sends or receives is heard of more often: then a check from another of its addresses says nothing.</summary>
    private static readonly TimeSpan QuietAfter = TimeSpan.FromSeconds(1);

    private readonly ValidatedAddresses _addresses = new();
    private readonly OwnChecks _checks = new(entropy);
    private ConsentSchedule _consent = new(entropy);
    private PathContest _contest;
    private TransportAddress? _unproven;
    private TransportAddress? _claimed;
    private bool _isEstablished;
    private Instant _lastHeard;
    private IceCredentials _current = new(entropy);
    private IceCredentials? _former;
    private TransportAddress? _evicted;
    private string? _retiredUfrag;

    public string LocalUfrag => _current.Ufrag;

    public string LocalPassword => _current.Password;

    /// <summary>Of the credentials that a restart has replaced, while they still work.</summary>
    public string? FormerUfrag => _former?.Ufrag;

    public int AddressCount => _addresses.Count;

    /// <summary>Where to send: the nominated address, before that the first one that passed a check; null before any did.</summary>
    public TransportAddress? Selected { get; private set; }

    /// <summary>Something has shown that the client gets what is sent to the selected address: an answer, the handshake, or a connection.</summary>
    public bool IsSelectedProven => Selected is { } selected && (selected.Protocol == TransportProtocol.Tcp || _addresses.ProvenAt(selected) is not null);

    public Instant ConsentExpiresAt { get; private set; } = now + ConsentTimeout;

    /// <summary>The client has answered a check of ours: so it can, and from now on must.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>To the client and back, by its answers; null while it has given none.</summary>
    public TimeSpan? RoundTrip => _checks.RoundTrip;

    /// <summary>When <see cref="HandleTimeout"/> has something to do.</summary>
    public Instant NextTimeout => Instant.Min(_contest.NextTimeout, Selected is null ? Instant.Never : _consent.NextCheck);

    /// <summary>Media moves only to where the client is proved to be.</summary>
    private bool NeedsProof => _isEstablished && HasAnswered;

    /// <summary>The client's side of the current credentials.</summary>
    public void SetRemote(string ufrag, string password) => _current.SetRemote(ufrag, password);

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

    /// <summary>Media may flow: from now on the client's consent is asked for.</summary>
    /// <param name="isProven">All of the handshake went to the selected address, so whoever completed it gets what is sent there.</param>
    /// <param name="now">The current moment.</param>
    public void HandleConnected(bool isProven, Instant now)
    {
        _isEstablished = true;
        _consent.Begin(now);
        if (isProven && Selected is { } selected)
            _addresses.NoteProof(selected, now);
    }

    /// <summary>Judges a Binding request addressed to this agent and writes the answer.</summary>
    /// <param name="request">The request; its USERNAME begins with a username fragment of this agent.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="isAnothers">Another peer is there: this one has to prove that it is.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="response">At least 768 bytes.</param>
    /// <param name="length">Of the answer; 0 when there is none.</param>
    /// <param name="dropReason">Meaningful when the outcome is <see cref="IceCheckOutcome.Dropped"/> or <see cref="IceCheckOutcome.Refused"/>.</param>
    public IceCheckOutcome HandleCheck(
        in StunMessageView request, in TransportAddress source, bool isAnothers, Instant now, Span<byte> response, out int length, out DropReason dropReason)
    {
        length = 0;
        dropReason = DropReason.StunIntegrity;
        // Nothing is answered to whoever does not know the password: no reflection, no state.
        if (CredentialsOf(request.Username) is not { } credentials || !request.VerifyIntegrity(credentials.PasswordBytes))
            return IceCheckOutcome.Dropped;
        if (request.HasUnknownComprehensionRequired)
        {
            dropReason = DropReason.StunUnknownAttribute;
            length = BindingMessages.WriteError(response, request, StunErrorCode.UnknownAttribute, credentials.PasswordBytes);
            return IceCheckOutcome.Refused;
        }
        if (request.IceControlled is not null)
        {
            dropReason = DropReason.StunRoleConflict;
            // RFC 8445 section 7.3.1.1: a lite agent is always controlled, so the other side must switch.
            length = BindingMessages.WriteError(response, request, StunErrorCode.RoleConflict, credentials.PasswordBytes);
            return IceCheckOutcome.Refused;
        }
        credentials.IsProven = true;
        var isNew = _addresses.Note(source, credentials, Selected, now, out _evicted);
        if (!NeedsProof)
            ConsentExpiresAt = now + ConsentTimeout;
        // The selected address of a connected client is asked anyway.
        if (!IsProven(source, now) && !(_isEstablished && source == Selected))
            _unproven = source;
        if (isAnothers)
            _claimed = request.UseCandidate || Selected is null ? source : null;
        else
            Judge(source, isNew, request.UseCandidate, now);
        if (request.UseCandidate && credentials == _current)
            RetireFormer();
        length = BindingMessages.WriteSuccess(response, request.TransactionId, source, credentials.PasswordBytes);
        return isNew ? IceCheckOutcome.AddressAdded : IceCheckOutcome.Refreshed;
    }

    /// <summary>An answer came from there, and lately enough: what was true half a minute ago needs another answer (RFC 7675 section 5.1).</summary>
    public bool IsProven(in TransportAddress address, Instant now) =>
        address.Protocol == TransportProtocol.Tcp || (_addresses.ProvenAt(address) is { } at && now - at < ConsentTimeout);

    /// <summary>The client was there a short while ago, or has shown that it is.</summary>
    public bool IsAt(in TransportAddress address, Instant now) =>
        (address == Selected && now - _lastHeard < SilenceLimit) || (_addresses.LastCheck(address) is { } last && now - last < SilenceLimit);

    /// <summary>An authentic packet came from the selected address.</summary>
    public void HandleHeard(Instant now) => _lastHeard = now;

    /// <summary>
    /// A packet came from a checked address other than the selected one: authentic, and newer than all before it, so neither repeated nor held up on its
    /// way. The client sends from there, so it is sent to there; unless a check has come from the selected address since, as when packets that
    /// were on their way before a nomination arrive after it.
    /// </summary>
    public void Follow(in TransportAddress source, Instant now)
    {
        if (_addresses.LastCheck(source) is not { } checkedAt || IsCheckedAfter(Selected, checkedAt))
            return;
        if (!_contest.IsChosen || !IsCheckedAfter(_contest.Challenger, checkedAt))
            Choose(source, now);
    }

    /// <summary>Nothing can be sent to this address any more; the one with the latest check takes over.</summary>
    public void Forget(in TransportAddress address, Instant now)
    {
        _addresses.Remove(address);
        if (_contest.Challenger == address)
            _contest.End();
        if (Selected != address)
            return;
        Selected = null;
        if (_addresses.Liveliest() is { } other)
            Choose(other, now);
    }

    public void HandleTimeout(Instant now)
    {
        if (_contest.IsDueToDecide(now) && _contest.Decide(_lastHeard) && IsProven(_contest.Challenger!.Value, now))
            Select(_contest.Challenger.Value, now);
        if (_contest.IsOver(now))
            _contest.End();
    }

    /// <summary>Writes a check that is due.</summary>
    /// <param name="buffer">At least <see cref="StunMessageWriter.RecommendedBufferSize"/> bytes.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="length">Of the check.</param>
    /// <param name="destination">Where it goes.</param>
    /// <returns>False when there is none.</returns>
    public bool TryWriteCheck(Span<byte> buffer, Instant now, out int length, out TransportAddress destination)
    {
        (length, destination) = (0, default);
        if (TakeDue(now) is not { } due || _addresses.CredentialsOf(due) is not { RemoteUfrag: not null } credentials)
            return false;
        destination = due;
        length = _checks.Write(buffer, credentials, due, now);
        return true;
    }

    /// <summary>A response to a Binding request.</summary>
    /// <returns>False when no check of ours awaits it.</returns>
    public bool HandleAnswer(in StunMessageView response, in TransportAddress source, Instant now)
    {
        switch (_checks.Take(response, source, now, out var askedAt))
        {
            case OwnCheckAnswer.Consent:
                HandleProof(source, askedAt, now);
                return true;
            case OwnCheckAnswer.Revoked:
                if (source == Selected)
                    ConsentExpiresAt = now;
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// Behind the client's side is another PeerConnection than before. Only what it has proved itself, with the credentials of its own description, counts: the former ones end at
    /// once, and the addresses that were proved with them.
    /// </summary>
    /// <param name="remoteUfrag">Of that description.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>The addresses that count no more.</returns>
    public IReadOnlyList<TransportAddress> BeginAnew(string remoteUfrag, Instant now)
    {
        // Before the description came, whoever had our present credentials was the one who was to answer.
        var isSame = _current.RemoteUfrag is null || _current.RemoteUfrag == remoteUfrag;
        var forgotten = new List<TransportAddress>();
        for (var i = 0; i < _addresses.Count; i++)
        {
            if (!isSame || _addresses.CredentialsOf(_addresses[i]) != _current)
                forgotten.Add(_addresses[i]);
        }
        foreach (var address in forgotten)
            Forget(address, now);
        RetireFormer();
        // Whether it answers checks, and from how far away, is another client's word now.
        (_isEstablished, HasAnswered) = (false, false);
        (_unproven, _claimed) = (null, null);
        _contest.End();
        _checks.ForgetRoundTrip();
        _consent = new(entropy);
        ConsentExpiresAt = now + ConsentTimeout;
        return forgotten;
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

    private void Judge(in TransportAddress source, bool isNew, bool nominates, Instant now)
    {
        if (source == Selected)
        {
            _lastHeard = now;
            // The client's last word is that it stays.
            if (nominates)
                _contest.End();
        }
        else if (nominates || Selected is not { } selected)
            Choose(source, now);
        else if (!NeedsProof)
        {
            if (HasFallenSilent(selected, now))
                Choose(source, now);
        }
        else if (_contest.Challenger is null && (isNew || now - _lastHeard > QuietAfter))
            // Clients check all their candidates now and then. This one may also have moved: its checks for consent need not nominate (RFC 7675).
            _contest.Begin(source, isChosen: false, RoundTrip, now);
    }

    /// <summary>The client wants its media there.</summary>
    private void Choose(in TransportAddress address, Instant now)
    {
        if (NeedsProof && !IsProven(address, now))
            _contest.Begin(address, isChosen: true, RoundTrip, now);
        else
            Select(address, now);
    }

    private void Select(in TransportAddress address, Instant now)
    {
        Selected = address;
        _contest.End();
        _lastHeard = now;
        if (!_isEstablished)
            return;
        _checks.ForgetRoundTrip();
        _consent.Begin(now);
        if (HasAnswered)
            ConsentExpiresAt = (_addresses.ProvenAt(address) ?? now) + ConsentTimeout;
    }

    private void HandleProof(in TransportAddress source, Instant askedAt, Instant now)
    {
        HasAnswered = true;
        _addresses.NoteProof(source, now);
        if (source == Selected)
        {
            ConsentExpiresAt = now + ConsentTimeout;
            _consent.HandleAnswered(now);
            _contest.HandleSelectedAnswered(askedAt);
        }
        else if (source == _claimed || (_contest.IsChosen && _contest.Challenger == source))
        {
            _claimed = null;
            Select(source, now);
        }
    }

    /// <summary>Where a check of ours is to go now.</summary>
    private TransportAddress? TakeDue(Instant now)
    {
        if (_contest.IsDueToTry(now))
        {
            _contest.HandleTried(now);
            // Whether the selected address is still alive is asked at the same time.
            if (!_contest.IsChosen)
                _consent.Begin(now);
            _unproven = null;
            if (_checks.TryTakeAllowance(now))
                return _contest.Challenger;
        }
        if (_unproven is { } unproven)
        {
            _unproven = null;
            if (_checks.TryTakeAllowance(now))
                return unproven;
        }
        if (Selected is null || now < _consent.NextCheck)
            return null;
        _consent.HandleSent(HasAnswered, now);
        return Selected;
    }

    private bool IsCheckedAfter(in TransportAddress? address, Instant checkedAt) => address is { } other && _addresses.LastCheck(other) > checkedAt;

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
