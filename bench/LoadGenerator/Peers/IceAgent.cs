using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MediaNode.Core.Net;
using MediaNode.Core.Sdp;
using MediaNode.Core.Stun;
using MediaNode.Core.Time;

namespace LoadGenerator.Peers;

/// <summary>
/// ICE between two host candidates, one each: towards a lite server as the controlling side, towards a full one in whichever role the offer gave.
/// </summary>
internal sealed class IceAgent
{
    /// <summary>Of a peer-reflexive candidate (RFC 8445 section 5.1.2.2), as the priority in checks wants it.</summary>
    private const uint CheckPriority = 110U << 24;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>RFC 7675 section 5.1.</summary>
    private static readonly TimeSpan ConsentInterval = TimeSpan.FromSeconds(5);

    private readonly ulong _tieBreaker = NextWord();
    private readonly byte[] _localPassword;
    private byte[] _remotePassword = [];
    private string _remoteUfrag = "";
    private StunTransactionId _pending;
    private bool _isControlling;
    private bool _isAnswered;
    private bool _isNominated;

    public IceAgent()
    {
        LocalPassword = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        _localPassword = Encoding.ASCII.GetBytes(LocalPassword);
    }

    public string LocalUfrag { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    public string LocalPassword { get; }

    /// <summary>The pair works and is the one to use: as the controlled side, once the other has said so.</summary>
    public bool IsConnected => _isAnswered && (_isControlling || _isNominated);

    public Instant NextTimeout { get; private set; } = Instant.Never;

    public TransportAddress Remote { get; private set; }

    public void Start(RemoteTransport remote, TransportAddress address, bool isControlling, Instant now)
    {
        (_remoteUfrag, _isControlling, Remote) = (remote.IceUfrag, isControlling, address);
        _remotePassword = Encoding.ASCII.GetBytes(remote.IcePassword);
        NextTimeout = now;
    }

    /// <summary>Writes the check that is due.</summary>
    public int WriteCheck(Span<byte> buffer, Instant now)
    {
        _pending = new((uint)NextWord(), NextWord());
        NextTimeout = now + (IsConnected ? ConsentInterval : RetryInterval);
        return BindingMessages.WriteRequest(
            buffer, _pending, new(_remoteUfrag, LocalUfrag, CheckPriority, _isControlling, _tieBreaker, Nominates: _isControlling), _remotePassword);
    }

    /// <returns>Length of the response to send; 0 for none.</returns>
    public int HandleMessage(ReadOnlySpan<byte> datagram, Span<byte> response)
    {
        if (!StunMessageView.TryParse(datagram, out var message, out _))
            return 0;
        if (message.Class == StunClass.Request && message.VerifyIntegrity(_localPassword))
        {
            _isNominated |= message.UseCandidate;
            return BindingMessages.WriteSuccess(response, message.TransactionId, Remote, _localPassword);
        }
        if (message.Class == StunClass.SuccessResponse && message.TransactionId == _pending && message.VerifyIntegrity(_remotePassword))
            _isAnswered = true;
        return 0;
    }

    private static ulong NextWord() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
}
