using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Dtls;
using MediaNode.Core.Ice;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// One PeerConnection of a client: its ICE, DTLS and SRTP. What it carries is the business of <see cref="PublisherPeer"/> and
/// <see cref="SubscriberPeer"/>. Packets are judged in the order check, handshake, media; each step only takes what the one before vouched for.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Close releases what the peer owns: a peer ends by an event of its session, not with a scope.")]
internal abstract partial class Peer : ITimed
{
    /// <summary>A client sends its ClientHello when it has its answer, which may be before the answer's twin has come here by way of signalling.</summary>
    private const int MaximumEarlyHandshakeDatagrams = 4;

    private readonly List<byte[]> _earlyHandshake = [];
    private DtlsTransport? _dtls;
    private DtlsRole _role;
    private IReadOnlyList<DtlsFingerprint> _fingerprints = [];
    private ulong _sessionId;
    private string _remoteUfrag = "";
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private PeerPath _path;
    private TransportAddress? _handshakeOrigin;
    private long _malformedDatagrams;
    private long _messagesNotTaken;
    private bool _isClosed;

    protected Peer(EngineContext engine, Room room, ulong id, ulong participantId, string instance, Instant now)
    {
        Engine = engine;
        Room = room;
        Id = id;
        ParticipantId = participantId;
        Instance = instance;
        Ice = new(engine.Entropy, now);
    }

    public int QueueIndex { get; set; } = -1;

    public Room Room { get; }

    public ulong Id { get; }

    /// <summary>0 for a watcher, who is in no list of participants.</summary>
    public ulong ParticipantId { get; }

    /// <summary>The signalling instance that holds the client's connection.</summary>
    public string Instance { get; }

    public IceLiteAgent Ice { get; }

    /// <summary>ICE and DTLS are up: media can flow.</summary>
    public bool IsConnected => _sender is not null && !_isClosed;

    /// <summary>Media has flowed, or could have, even if the peer is closed by now.</summary>
    public bool WasConnected { get; private set; }

    public SrtpProfile Profile => _dtls?.Profile ?? SrtpProfile.None;

    public Instant Deadline
    {
        get
        {
            if (_isClosed)
                return Instant.Never;
            var next = Instant.Min(Instant.Min(Ice.ConsentExpiresAt, Ice.NextTimeout), _dtls?.NextTimeout ?? Instant.Never);
            return IsConnected ? Instant.Min(next, Instant.Min(NextMediaTimeout, Data?.NextTimeout ?? Instant.Never)) : next;
        }
    }

    /// <summary>Data channels, once they and the handshake's role are negotiated.</summary>
    public DataLink? Data { get; private set; }

    protected EngineContext Engine { get; }

    protected abstract Instant NextMediaTimeout { get; }

    public void Drop(DropReason reason) => Engine.Drops.Count(reason);

    public void HandleTimeout(Instant now)
    {
        if (_isClosed)
            return;
        if (now >= Ice.ConsentExpiresAt)
        {
            Close("ice-timeout", now);
            return;
        }
        if (now >= Ice.NextTimeout)
        {
            Ice.HandleTimeout(now);
            FollowSelected(now);
        }
        if (_dtls is not null && now >= _dtls.NextTimeout)
        {
            _dtls.HandleTimeout(now);
            AfterHandshakeStep(now);
        }
        if (IsConnected && now >= NextMediaTimeout)
            HandleMediaTimeout(now);
        if (IsConnected && Data is not null && now >= Data.NextTimeout)
        {
            Data.Channels.HandleTimeout(now);
            TakeDataEvents(now);
        }
        Engine.Deadlines.Schedule(this);
    }

    /// <summary>Ends the peer: it tells the client by close_notify, leaves every table and is never heard of again.</summary>
    public void Close(string reason, Instant now)
    {
        if (IsConnected)
            HandleClosing(now);
        Abort(reason, now);
    }

    /// <summary>The same without a goodbye of its streams, which would go over what may be broken.</summary>
    public void Abort(string reason, Instant now)
    {
        if (_isClosed)
            return;
        if (_dtls is { State: DtlsState.Connected })
        {
            _dtls.Close();
            SendHandshake();
        }
        _isClosed = true;
        EndHandshake();
        Engine.Deadlines.Remove(this);
        Engine.Peers.Remove(this);
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        HandleClosed(reason, now);
    }

    protected abstract void HandlePacket(in RtpPacketView packet, Span<byte> bytes, Instant now);

    protected abstract void HandleControl(ReadOnlySpan<byte> compound, Instant now);

    protected abstract void HandleMediaTimeout(Instant now);

    protected abstract void HandleData(in DataChannelEvent dataEvent, Instant now);

    protected abstract void HandleConnected(Instant now);

    /// <summary>Another association takes the place of the one that was, which may not even have come up; what it carried is another client's, for all that is known.</summary>
    /// <param name="channels">The data channels that ended with it.</param>
    /// <param name="now">The current moment.</param>
    protected abstract void HandleAssociationEnded(IReadOnlyCollection<DataChannel> channels, Instant now);

    /// <summary>The packets of an SSRC are read, or will be when they come.</summary>
    protected virtual bool IsInUse(uint ssrc) => false;

    /// <summary>What is sent goes to another address from now on.</summary>
    protected virtual void HandlePathChanged(Instant now)
    {
    }

    /// <summary>The last moment in which something can be sent.</summary>
    protected virtual void HandleClosing(Instant now)
    {
    }

    protected abstract void HandleClosed(string reason, Instant now);
}
