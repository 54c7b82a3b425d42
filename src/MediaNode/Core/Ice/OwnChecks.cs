using MediaNode.Core.Congestion;
using MediaNode.Core.Entropy;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace MediaNode.Core.Ice;

/// <summary>What an answer to one of our own checks says.</summary>
internal enum OwnCheckAnswer
{
    /// <summary>Not to any check that is awaited, or not signed with the peer's password.</summary>
    None,

    /// <summary>The peer gets what is sent to the address that was checked, and wants it.</summary>
    Consent,

    /// <summary>It wants nothing more (RFC 7675 section 5.2).</summary>
    Revoked,
}

/// <summary>
/// Binding requests of our own. A lite agent need not send any (RFC 8445 section 2.5), but nothing else proves that a peer gets what is sent to an address
/// (RFC 7675) and tells how long the way there and back takes. Clients are full agents and answer them as they answer each other's.
/// </summary>
internal sealed class OwnChecks(IEntropy entropy)
{
    /// <summary>Checks whose answers count: those of the last seconds, as many as are sent in a round trip that a call is possible with.</summary>
    private const int MaximumPending = 8;

    /// <summary>
    /// In a row, and per second afterwards: more than any client's moves need. Each costs its receiver some hundred bytes, whoever that is.
    /// </summary>
    private const int Burst = 10;

    /// <summary>Of a host candidate for the only component (RFC 8445 section 5.1.2.1).</summary>
    private const uint Priority = (126u << 24) | (65_535 << 8) | 255;

    private readonly Pending[] _pending = new Pending[MaximumPending];
    private readonly ulong _tieBreaker = ((ulong)entropy.UInt32() << 32) | entropy.UInt32();
    private RoundTripTime _roundTrip;
    private int _sent;
    private double _allowance = Burst;
    private Instant _countedAt;

    /// <summary>Smoothed; null before the first answer.</summary>
    public TimeSpan? RoundTrip => _roundTrip.IsKnown ? _roundTrip.Value : null;

    /// <summary>Takes one of the checks that may be sent; those for consent need not ask.</summary>
    public bool TryTakeAllowance(Instant now)
    {
        _allowance = Math.Min(Burst, _allowance + Burst * (now - _countedAt).TotalSeconds);
        _countedAt = now;
        if (_allowance < 1)
            return false;
        _allowance--;
        return true;
    }

    /// <summary>Another way takes another time.</summary>
    public void ForgetRoundTrip() => _roundTrip = default;

    /// <param name="buffer">At least <see cref="StunMessageWriter.RecommendedBufferSize"/> bytes.</param>
    /// <param name="credentials">Of the generation that the peer checks this address with; its side must be known.</param>
    /// <param name="path">Where the check goes.</param>
    /// <param name="now">The current moment.</param>
    /// <returns>Bytes written.</returns>
    public int Write(Span<byte> buffer, IceCredentials credentials, in TransportAddress path, Instant now)
    {
        Span<byte> chance = stackalloc byte[StunTransactionId.Size];
        entropy.Fill(chance);
        var transaction = StunTransactionId.Read(chance);
        _pending[_sent++ % MaximumPending] = new(transaction, path, credentials, now);
        var check = new BindingCheck(credentials.RemoteUfrag!, credentials.Ufrag, Priority, IsControlling: false, _tieBreaker, Nominates: false);
        return BindingMessages.WriteRequest(buffer, transaction, check, credentials.RemotePasswordBytes);
    }

    /// <summary>Judges a response.</summary>
    /// <param name="response">Of either class.</param>
    /// <param name="source">It must come from where the check went to.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="askedAt">When the check was sent.</param>
    public OwnCheckAnswer Take(in StunMessageView response, in TransportAddress source, Instant now, out Instant askedAt)
    {
        askedAt = default;
        var transaction = response.TransactionId;
        for (var i = 0; i < MaximumPending; i++)
        {
            ref var pending = ref _pending[i];
            if (pending.Transaction != transaction || pending.Path != source || pending.Credentials is null)
                continue;
            if (!response.VerifyIntegrity(pending.Credentials.RemotePasswordBytes))
                return OwnCheckAnswer.None;
            askedAt = pending.SentAt;
            pending = default;
            if (response.Class != StunClass.SuccessResponse)
                return response.ErrorCode == StunErrorCode.Forbidden ? OwnCheckAnswer.Revoked : OwnCheckAnswer.None;
            _roundTrip.Add(now - askedAt);
            return OwnCheckAnswer.Consent;
        }
        return OwnCheckAnswer.None;
    }

    private readonly record struct Pending(StunTransactionId Transaction, TransportAddress Path, IceCredentials? Credentials, Instant SentAt);
}
