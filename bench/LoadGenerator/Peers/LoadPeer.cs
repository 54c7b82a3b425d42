using System.Net;
using LoadGenerator.Linux;
using MediaNode.Core.Dtls;
using MediaNode.Core.Net;
using MediaNode.Core.Sdp;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace LoadGenerator.Peers;

/// <summary>One PeerConnection with a socket of its own: ICE, DTLS and SRTP; what travels inside is the subclasses' matter. Used on the loop's thread.</summary>
internal abstract class LoadPeer : IDisposable
{
    /// <summary>Larger than any handshake or control datagram.</summary>
    private const int ScratchBytes = 2048;

    /// <summary>128 streams, the most of one PeerConnection, and the retransmissions of each.</summary>
    private const int MostSources = 256;

    private readonly IceAgent _ice = new();
    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(ScratchBytes, pinned: true);
    private DtlsTransport? _dtls;
    private RemoteTransport? _remote;
    private DtlsRole _role;

    protected LoadPeer(PeerContext context)
    {
        Context = context;
        Port = new(context.Options.LocalAddress, context.Options.Coalesce);
    }

    public UdpPort Port { get; }

    /// <summary>Key of the socket in the loop.</summary>
    public int Slot { get; set; }

    /// <summary>When the loop will call; written by the loop.</summary>
    public Instant ScheduledAt { get; set; } = Instant.Never;

    public Instant NextTimeout => IsClosed ? Instant.Never
        : Instant.Min(Instant.Min(_ice.NextTimeout, _dtls?.NextTimeout ?? Instant.Never), IsConnected ? NextMediaTimeout : Instant.Never);

    public bool IsConnected => Sender is not null && !IsClosed;

    public bool IsClosed { get; private set; }

    public SrtpProfile Profile => _dtls?.Profile ?? SrtpProfile.None;

    public IPEndPoint? Remote { get; private set; }

    protected PeerContext Context { get; }

    protected SrtpSender? Sender { get; private set; }

    protected SrtpReceiver? Receiver { get; private set; }

    protected abstract Instant NextMediaTimeout { get; }

    protected LocalTransport Local =>
        new(_ice.LocalUfrag, _ice.LocalPassword, Context.Certificate.Sha256Fingerprint, [Port.LocalEndPoint], IsIceLite: false);

    /// <summary>A datagram from the network; it is changed in place.</summary>
    public void HandleDatagram(Span<byte> datagram, Instant now)
    {
        if (IsClosed)
            return;
        switch (DatagramDemux.Classify(datagram))
        {
            case PacketKind.Rtp when Receiver is not null:
                HandleRtp(datagram, now);
                break;
            case PacketKind.Rtcp when Receiver is not null:
                if (Receiver.TryUnprotectRtcp(datagram, out var length, out _))
                    HandleControl(datagram[..length], now);
                break;
            case PacketKind.Stun:
                var response = _ice.HandleMessage(datagram, _scratch);
                if (response > 0)
                    SendNow(_scratch.AsSpan(0, response));
                StartHandshake(now);
                break;
            case PacketKind.Dtls when _dtls is not null:
                _dtls.HandleDatagram(datagram, now);
                AfterHandshakeStep(now);
                break;
        }
    }

    /// <summary>A batch of datagrams is done: answers may be sent.</summary>
    public virtual void CompleteReceive(Instant now)
    {
    }

    public void HandleTimeout(Instant now)
    {
        if (IsClosed)
            return;
        if (now >= _ice.NextTimeout)
            SendNow(_scratch.AsSpan(0, _ice.WriteCheck(_scratch, now)));
        if (_dtls is not null && now >= _dtls.NextTimeout)
        {
            _dtls.HandleTimeout(now);
            AfterHandshakeStep(now);
        }
        if (IsConnected && now >= NextMediaTimeout)
            HandleMediaTimeout(now);
    }

    public void Dispose()
    {
        if (!IsClosed && _dtls is not null)
        {
            _dtls.Close();
            TakeHandshake();
        }
        IsClosed = true;
        _dtls?.Dispose();
        Sender?.Dispose();
        Receiver?.Dispose();
        Port.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static SessionDescription Parse(string sdp) =>
        SessionDescription.TryParse(sdp, out var description, out var failure) ? description : throw new InvalidOperationException($"SDP: {failure}\n{sdp}");

    protected void Start(RemoteTransport remote, DtlsRole role, bool isOfferer, Instant now)
    {
        (_remote, _role) = (remote, role);
        Remote = PickAddress(remote);
        Port.Connect(Remote);
        // RFC 8445 section 6.1.1: a full agent controls a lite one; between two full ones, the offerer does.
        _ice.Start(remote, TransportAddress.From(Remote), remote.IsIceLite || isOfferer, now);
        if (role == DtlsRole.Server)
            _dtls = new(Context.Dtls, role, remote.Fingerprints, now);
    }

    protected abstract void HandleConnected(Instant now);

    protected abstract void HandleRtp(Span<byte> packet, Instant now);

    protected abstract void HandleControl(ReadOnlySpan<byte> compound, Instant now);

    protected abstract void HandleMediaTimeout(Instant now);

    /// <summary>Protects a compound, which stands at the start of a buffer with room to grow, and sends it.</summary>
    protected void SendControl(ReadOnlySpan<byte> compound)
    {
        compound.CopyTo(_scratch);
        SendNow(_scratch.AsSpan(0, Sender!.ProtectRtcp(_scratch, compound.Length)));
    }

    private void SendNow(ReadOnlySpan<byte> datagram)
    {
        Context.Sending.Add(Port, datagram);
        Context.Sending.Flush(Port);
    }

    /// <summary>An address of the local one's kind; the first, when there are several.</summary>
    private IPEndPoint PickAddress(RemoteTransport remote)
    {
        IPEndPoint? best = null;
        foreach (var candidate in remote.Candidates)
        {
            if (!candidate.Transport.Equals("udp", StringComparison.OrdinalIgnoreCase) || candidate.EndPoint is not { } endPoint
                || endPoint.AddressFamily != Context.Options.LocalAddress.AddressFamily)
                continue;
            if (best is null || (endPoint.Address.Equals(Context.Options.LocalAddress) && !best.Address.Equals(Context.Options.LocalAddress)))
                best = endPoint;
        }
        return best ?? throw new InvalidOperationException($"the server offers no UDP candidate that {Context.Options.LocalAddress} could reach");
    }

    private void StartHandshake(Instant now)
    {
        if (!_ice.IsConnected || _dtls is not null || _remote is null)
            return;
        _dtls = new(Context.Dtls, _role, _remote.Fingerprints, now);
        _dtls.Start(now);
        AfterHandshakeStep(now);
    }

    private void AfterHandshakeStep(Instant now)
    {
        TakeHandshake();
        if (_dtls!.State == DtlsState.Connected && Sender is null)
        {
            (Receiver, Sender) = _dtls.CreateSrtp();
            Receiver.MaximumSources = MostSources;
            HandleConnected(now);
        }
        IsClosed |= _dtls.State is DtlsState.Closed or DtlsState.Failed;
    }

    private void TakeHandshake()
    {
        while (_dtls!.TryTakeTransmit(_scratch, out var length))
            SendNow(_scratch.AsSpan(0, length));
    }
}
