using System.Collections.Immutable;
using System.Net;
using MediaNode.Core.Dtls;
using MediaNode.Core.Entropy;
using MediaNode.Core.Net;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Client;

/// <summary>
/// One PeerConnection as a browser would have it, without sockets or clock: ICE in the controlling role, DTLS, SRTP. Datagrams and the time go
/// in; datagrams and received packets come out. Real protocol code on both sides, so what passes here passes on a network.
/// </summary>
public sealed class RtcClient : IDisposable
{
    private readonly DtlsContext _dtlsContext;
    private readonly string _fingerprint;
    private readonly IPEndPoint _local;
    private readonly IceClient _ice;
    private readonly IEntropy _entropy;
    private readonly ulong _sessionId;
    private readonly Queue<(byte[] Datagram, TransportAddress Destination)> _outgoing = new();
    private readonly Queue<byte[]> _packets = new();
    private readonly Queue<byte[]> _control = new();
    private readonly byte[] _scratch = new byte[2048];
    private DtlsTransport? _dtls;
    private ClientChannels? _channels;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private ClientOffer? _offer;
    private DtlsRoleAndFingerprints? _handshake;

    /// <param name="certificate">May be shared by many clients.</param>
    /// <param name="context">Made from the certificate.</param>
    /// <param name="entropy">Chance.</param>
    /// <param name="local">Goes into the candidate; a lite peer learns the real address from the checks.</param>
    public RtcClient(DtlsCertificate certificate, DtlsContext context, IEntropy entropy, IPEndPoint local)
    {
        _dtlsContext = context;
        _fingerprint = certificate.Sha256Fingerprint;
        _local = local;
        _ice = new(entropy);
        _entropy = entropy;
        // RFC 8829 section 5.2.1: chosen at random, and kept.
        _sessionId = ulong.Parse(_ice.LocalUfrag, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture);
    }

    public bool IsConnected => _sender is not null && !IsClosed;

    public bool IsClosed { get; private set; }

    public DtlsFailure DtlsFailure => _dtls?.Failure ?? DtlsFailure.None;

    public SrtpProfile Profile => _dtls?.Profile ?? SrtpProfile.None;

    /// <summary>Which of the node's candidates is used: the first that this takes.</summary>
    public Func<IceCandidate, bool> Accepts { get; set; } = candidate => candidate.Transport == "udp";

    /// <summary>Checks nominate the address they come from.</summary>
    public bool Nominates
    {
        get => _ice.Nominates;
        set => _ice.Nominates = value;
    }

    /// <summary>The node's checks are answered, as by every full agent.</summary>
    public bool AnswersChecks { get; set; } = true;

    /// <summary>They are answered by a refusal of all that is sent (RFC 7675 section 5.2).</summary>
    public bool ForbidsMedia { get; set; }

    /// <summary>Checks that were answered.</summary>
    public int AnsweredChecks => _ice.Answers;

    /// <summary>The node's own checks that came.</summary>
    public int ReceivedChecks => _ice.Requests;

    /// <summary>Where the node is reached, and sends from.</summary>
    public TransportAddress Remote => _ice.Remote;

    /// <summary>The node's username fragment that checks name.</summary>
    public string? RemoteUfrag => _ice.RemoteUfrag;

    /// <summary>What was agreed, by m-line.</summary>
    public ImmutableArray<NegotiatedMedia> Media { get; private set; } = [];

    /// <summary>Packets that could not be authenticated; repeated ones do not count, networks do that.</summary>
    public int BadPackets { get; private set; }

    public Instant NextTimeout => IsClosed
        ? Instant.Never
        : Instant.Min(_ice.NextTimeout, Instant.Min(_dtls?.NextTimeout ?? Instant.Never, _channels?.NextTimeout ?? Instant.Never));

    /// <summary>Data channels that are there, by label.</summary>
    public IReadOnlyList<string> ChannelLabels => [.. _channels?.Channels.Select(channel => channel.Parameters.Label) ?? []];

    /// <summary>Data channels that the other side opened.</summary>
    public IReadOnlyList<DataChannelParameters> OpenedByPeer => _channels?.OpenedByPeer ?? [];

    /// <summary>Messages can be sent.</summary>
    public bool HasDataChannels => _channels?.IsUp ?? false;

    private LocalTransport Local => new(_ice.LocalUfrag, _ice.LocalPassword, _fingerprint, [_local], IsIceLite: false);

    /// <summary>Checks at once, as a browser does whose network has changed.</summary>
    public void CheckNow(Instant now) => _ice.CheckNow(now);

    /// <summary>The offer of a publisher.</summary>
    /// <param name="media">What it sends.</param>
    /// <param name="restartsIce">The offer names new credentials.</param>
    public string CreateOffer(ClientMedia media, bool restartsIce = false)
    {
        if (restartsIce)
            _ice.Renew();
        _offer = OfferAnswer.CreateClientOffer(Local, media, _sessionId);
        return _offer.Description.ToString();
    }

    public void AcceptAnswer(string sdp, Instant now)
    {
        var answer = Parse(sdp);
        if (!OfferAnswer.TryAcceptPublisherAnswer(_offer!, answer, out var accepted, out var failure))
            throw new InvalidOperationException($"the answer is unusable: {failure}");
        Media = accepted.Media;
        Start(accepted.Remote, accepted.LocalRole, now);
    }

    /// <summary>Answers the offer to a subscriber; a later offer changes what is received.</summary>
    public string AnswerOffer(string sdp, Instant now)
    {
        var offer = Parse(sdp);
        var isRestart = _ice.RemoteUfrag is { } before && offer.Media[0].IceUfrag != before;
        if (isRestart)
            _ice.Renew();
        if (!OfferAnswer.TryAnswerAsClient(offer, Local, out var answer, out var failure))
            throw new InvalidOperationException($"the offer is unusable: {failure}");
        Media = answer.Media;
        if (_dtls is null || isRestart)
            Start(answer.Remote, answer.LocalRole, now);
        return answer.Description.ToString();
    }

    /// <summary>A datagram from the network; it is changed in place.</summary>
    public void HandleDatagram(Span<byte> datagram, Instant now)
    {
        if (IsClosed)
            return;
        switch (DatagramDemux.Classify(datagram))
        {
            case PacketKind.Stun:
                _ice.HandleResponse(datagram);
                if (_ice.WriteAnswer(datagram, _scratch, ForbidsMedia) is > 0 and var answer && AnswersChecks)
                    Send(_scratch.AsSpan(0, answer));
                StartDtls(now);
                break;
            case PacketKind.Dtls when _dtls is not null:
                _dtls.HandleDatagram(datagram, now);
                AfterHandshakeStep(now);
                _channels?.Receive(now);
                SendData(now);
                break;
            case PacketKind.Rtp when _receiver is not null:
                _receiver.TryUnprotectRtp(datagram, out var length, out _, out var failure);
                Keep(failure, datagram, length, _packets);
                break;
            case PacketKind.Rtcp when _receiver is not null:
                _receiver.TryUnprotectRtcp(datagram, out length, out failure);
                Keep(failure, datagram, length, _control);
                break;
        }
    }

    public void HandleTimeout(Instant now)
    {
        if (IsClosed)
            return;
        if (now >= _ice.NextTimeout)
            Send(_scratch.AsSpan(0, _ice.WriteCheck(_scratch, now)));
        if (_dtls is not null && now >= _dtls.NextTimeout)
        {
            _dtls.HandleTimeout(now);
            AfterHandshakeStep(now);
        }
        if (_channels is not null && now >= _channels.NextTimeout)
        {
            _channels.HandleTimeout(now);
            SendData(now);
        }
    }

    public bool TryTakeTransmit(out byte[] datagram, out TransportAddress destination)
    {
        var taken = _outgoing.TryDequeue(out var next);
        (datagram, destination) = taken ? next : ([], default);
        return taken;
    }

    /// <summary>A datagram waits to be taken.</summary>
    public bool HasTransmit => _outgoing.Count > 0;

    /// <summary>A received RTP packet in the clear.</summary>
    public bool TryTakePacket(out byte[] packet) => _packets.TryDequeue(out packet!);

    /// <summary>A received RTCP compound in the clear.</summary>
    public bool TryTakeControl(out byte[] compound) => _control.TryDequeue(out compound!);

    /// <param name="header">A finished RTP header.</param>
    /// <param name="payload">Plaintext.</param>
    /// <param name="index">48 bits: the rollover count and the header's sequence number.</param>
    public void SendPacket(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ulong index)
    {
        header.CopyTo(_scratch);
        Send(_scratch.AsSpan(0, _sender!.ProtectRtp(_scratch, header.Length, payload, index)));
    }

    public void SendControl(ReadOnlySpan<byte> compound)
    {
        compound.CopyTo(_scratch);
        Send(_scratch.AsSpan(0, _sender!.ProtectRtcp(_scratch, compound.Length)));
    }

    /// <summary>Sends a message on the channel of these parameters, which is opened if there is none.</summary>
    public bool SendMessage(DataChannelParameters channel, bool isText, ReadOnlyMemory<byte> payload, Instant now)
    {
        var taken = _channels is not null && _channels.Send(channel, isText, payload, now);
        SendData(now);
        return taken;
    }

    public bool OpenChannel(DataChannelParameters channel, Instant now)
    {
        var opened = _channels is not null && _channels.Open(channel, now);
        SendData(now);
        return opened;
    }

    public void CloseChannel(DataChannelParameters channel, Instant now)
    {
        _channels?.Close(channel, now);
        SendData(now);
    }

    public bool TryTakeMessage(out ReceivedData message)
    {
        message = null!;
        return _channels is not null && _channels.TryTake(out message);
    }

    /// <summary>Sends bytes as they are: for attacks.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram) => Send(datagram);

    /// <summary>Sends bytes over DTLS in the place of an SCTP packet: for attacks.</summary>
    public void SendRawData(ReadOnlySpan<byte> packet)
    {
        _dtls!.TrySendApplicationData(packet);
        TakeHandshake();
    }

    public void Close()
    {
        if (IsClosed)
            return;
        _dtls?.Close();
        TakeHandshake();
        IsClosed = true;
    }

    public void Dispose()
    {
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
    }

    private static SessionDescription Parse(string sdp) =>
        SessionDescription.TryParse(sdp, out var description, out var failure) ? description : throw new InvalidOperationException($"SDP: {failure}");

    private void Start(RemoteTransport remote, DtlsRole role, Instant now)
    {
        _handshake = new(role, remote.Fingerprints);
        var candidate = remote.Candidates.First(candidate => candidate.EndPoint is not null && Accepts(candidate));
        var protocol = candidate.Transport == "tcp" ? TransportProtocol.Tcp : TransportProtocol.Udp;
        _ice.Start(remote.IceUfrag, remote.IcePassword, TransportAddress.From(candidate.EndPoint!).Over(protocol), now);
    }

    /// <summary>The handshake begins once a check was answered: before, the other side must not take it.</summary>
    private void StartDtls(Instant now)
    {
        if (!_ice.IsConnected || _dtls is not null || _handshake is null)
            return;
        _dtls = new(_dtlsContext, _handshake.Role, _handshake.Fingerprints, now);
        if (_handshake.Role == DtlsRole.Client)
            _dtls.Start(now);
        AfterHandshakeStep(now);
    }

    private void AfterHandshakeStep(Instant now)
    {
        TakeHandshake();
        if (_dtls!.State == DtlsState.Connected && _sender is null)
        {
            (_receiver, _sender) = _dtls.CreateSrtp();
            StartData(now);
        }
        IsClosed |= _dtls.State is DtlsState.Closed or DtlsState.Failed;
    }

    private void StartData(Instant now)
    {
        if (Media.FirstOrDefault(media => media.Data is not null)?.Data is not { } negotiated)
            return;
        _channels = new(_dtls!, _handshake!.Role, negotiated, _entropy);
        _channels.Start(now);
        SendData(now);
    }

    private void SendData(Instant now)
    {
        while (_channels is not null && _channels.TrySend(now))
            TakeHandshake();
    }

    private void TakeHandshake()
    {
        while (_dtls is not null && _dtls.TryTakeTransmit(_scratch, out var length))
            Send(_scratch.AsSpan(0, length));
    }

    private void Send(ReadOnlySpan<byte> datagram) => _outgoing.Enqueue((datagram.ToArray(), _ice.Remote));

    private void Keep(SrtpFailure failure, ReadOnlySpan<byte> datagram, int length, Queue<byte[]> queue)
    {
        if (failure == SrtpFailure.None)
            queue.Enqueue(datagram[..length].ToArray());
        // Sources past this side's own bound are no fault of the packets.
        else if (failure is not (SrtpFailure.Replayed or SrtpFailure.TooOld or SrtpFailure.TooManySources or SrtpFailure.Forgotten))
            BadPackets++;
    }

    private sealed record DtlsRoleAndFingerprints(DtlsRole Role, ImmutableArray<DtlsFingerprint> Fingerprints);
}
