using MediaNode.Core.Entropy;
using MediaNode.Core.Net;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace MediaNode.Core.Client;

/// <summary>The controlling side of ICE towards a lite peer with one candidate: checks and nominates until answered, then keeps consent.</summary>
internal sealed class IceClient(IEntropy entropy)
{
    /// <summary>RFC 8445 section 14.3: a check is repeated until it is answered.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>RFC 7675 section 5.1: about every five seconds; browsers send them every two to three.</summary>
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromMilliseconds(2500);

    /// <summary>As browsers do when nothing comes any more: the check may have been lost, or tell the other side first that this one's address changed.</summary>
    private static readonly TimeSpan DoubtInterval = TimeSpan.FromMilliseconds(480);

    /// <summary>Checks whose answers are still awaited: those of 1.6 seconds, longer than any usable path's round trip.</summary>
    private const int MaximumPending = 32;

    private readonly StunTransactionId[] _pending = new StunTransactionId[MaximumPending];
    private readonly ulong _tieBreaker = NextWord(entropy);
    private int _checks;
    private Instant _lastCheck;
    private bool _isInDoubt;
    private byte[] _remotePassword = [];
    private byte[] _ownPassword = [];
    private string _ownUfrag = "";

    public string LocalUfrag { get; private set; } = Text(entropy, 8);

    public string LocalPassword { get; private set; } = Text(entropy, 24);

    public string? RemoteUfrag { get; private set; }

    public TransportAddress Remote { get; private set; }

    public bool IsConnected { get; private set; }

    /// <summary>Checks say USE-CANDIDATE.</summary>
    public bool Nominates { get; set; } = true;

    /// <summary>Checks that were answered.</summary>
    public int Answers { get; private set; }

    /// <summary>The other side's checks that came.</summary>
    public int Requests { get; private set; }

    public Instant NextTimeout { get; private set; } = Instant.Never;

    public void Start(string remoteUfrag, string remotePassword, TransportAddress remote, Instant now)
    {
        RemoteUfrag = remoteUfrag;
        (_ownUfrag, _ownPassword) = (LocalUfrag, System.Text.Encoding.ASCII.GetBytes(LocalPassword));
        _remotePassword = System.Text.Encoding.ASCII.GetBytes(remotePassword);
        Remote = remote;
        NextTimeout = now;
    }

    /// <summary>New credentials of this side, for an ICE restart. The former ones stay in use until the other side's new ones are known.</summary>
    public void Renew()
    {
        LocalUfrag = Text(entropy, 8);
        LocalPassword = Text(entropy, 24);
    }

    /// <summary>Checks from now on, whatever was due.</summary>
    public void CheckNow(Instant now) => (NextTimeout, _isInDoubt) = (now, false);

    /// <summary>Writes the check that is due.</summary>
    public int WriteCheck(Span<byte> buffer, Instant now)
    {
        var transaction = new StunTransactionId((uint)NextWord(entropy), NextWord(entropy));
        _pending[_checks++ % MaximumPending] = transaction;
        (_lastCheck, _isInDoubt) = (now, IsConnected);
        NextTimeout = now + (IsConnected ? DoubtInterval : RetryInterval);
        // 110 is the type preference of a peer-reflexive candidate (RFC 8445 section 5.1.2.2).
        return BindingMessages.WriteRequest(
            buffer, transaction, new(RemoteUfrag!, _ownUfrag, 110 << 24, IsControlling: true, _tieBreaker, Nominates), _remotePassword);
    }

    /// <summary>Answers a check of the other side, as a full agent must.</summary>
    /// <returns>Bytes written; 0 for what is no check that knows the password.</returns>
    public int WriteAnswer(ReadOnlySpan<byte> datagram, Span<byte> buffer, bool forbids)
    {
        if (!StunMessageView.TryParse(datagram, out var message, out _) || message.Class != StunClass.Request || !message.VerifyIntegrity(_ownPassword))
            return 0;
        if (!System.Text.Ascii.Equals(message.Username, $"{_ownUfrag}:{RemoteUfrag}") || message.IceControlled is null || message.Priority is null)
            return 0;
        Requests++;
        return forbids
            ? BindingMessages.WriteError(buffer, message, StunErrorCode.Forbidden, _ownPassword)
            : BindingMessages.WriteSuccess(buffer, message.TransactionId, Remote, _ownPassword);
    }

    public void HandleResponse(ReadOnlySpan<byte> datagram)
    {
        if (StunMessageView.TryParse(datagram, out var message, out _) && message.Class == StunClass.SuccessResponse
            && Array.IndexOf(_pending, message.TransactionId, 0, Math.Min(_checks, MaximumPending)) >= 0 && message.VerifyIntegrity(_remotePassword))
        {
            IsConnected = true;
            Answers++;
            if (_isInDoubt)
                (NextTimeout, _isInDoubt) = (_lastCheck + ConsentInterval, false);
        }
    }

    private static ulong NextWord(IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[8];
        entropy.Fill(bytes);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private static string Text(IEntropy entropy, int length)
    {
        Span<byte> bytes = stackalloc byte[length / 2];
        entropy.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
