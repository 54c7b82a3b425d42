using MediaNode.Core.Srtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Dtls;

/// <summary>
/// One DTLS connection as a machine without I/O: datagrams and the time go in, datagrams come out. After every call drain <see cref="TryTakeTransmit"/>
/// and read <see cref="NextTimeout"/>. See docs/media/dtls-srtp.md for the retransmission scheme and the limits.
/// </summary>
public sealed class DtlsTransport : IDisposable
{
    /// <summary>From the first datagram in or out. A peer that needs longer has a network on which no call would work.</summary>
    internal static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(20);

    /// <summary>From construction to the first datagram: ICE has to find a path first.</summary>
    internal static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    /// <summary>A handshake takes under ten datagrams each way; 400 leaves room for heavy loss and small fragments, and ends an endless one (Pion's CVE-2022-29189).</summary>
    internal const int MaxHandshakeDatagrams = 400;

    /// <summary>Larger ones are dropped: no peer sends records above its own MTU of at most about 1500 bytes.</summary>
    internal const int MaxReceivedBytes = 2048;

    /// <summary>Datagrams that wait to be taken; the caller drains after every call, so this is never reached in order.</summary>
    internal const int MaxTransmits = 256;

    /// <summary>Messages that wait to be taken; SCTP sends again what is dropped beyond.</summary>
    internal const int MaxApplicationMessages = 256;

    /// <summary>Bytes per message: a datagram less the record header, GCM's explicit nonce and tag.</summary>
    internal const int MaxApplicationBytes = DtlsEngine.MaxDatagramBytes - DtlsRecords.HeaderBytes - DtlsRecords.EncryptionBytes;

    private readonly DtlsEngine engine;
    private readonly DtlsRole role;
    private readonly IReadOnlyList<DtlsFingerprint> expected;
    private readonly DtlsRetransmission retransmission = new();
    private readonly Queue<byte[]> transmits = new();
    private readonly Queue<byte[]> applicationData = new();
    private Instant handshakeDeadline;
    private int handshakeDatagrams;
    private uint nextPlaintextRecord;
    private bool started;

    public DtlsTransport(DtlsContext context, DtlsRole role, IReadOnlyList<DtlsFingerprint> expected, Instant now)
    {
        this.role = role;
        this.expected = expected;
        engine = new DtlsEngine(context, role);
        handshakeDeadline = now + StartLimit;
    }

    public DtlsState State { get; private set; } = DtlsState.Connecting;

    public DtlsFailure Failure { get; private set; }

    /// <summary>Negotiated profile, None until <see cref="DtlsState.Connected"/>.</summary>
    public SrtpProfile Profile { get; private set; }

    /// <summary>Datagrams that are no DTLS and never reached OpenSSL.</summary>
    public long MalformedDatagrams { get; private set; }

    /// <summary>Messages that came while <see cref="MaxApplicationMessages"/> waited.</summary>
    public long MessagesNotTaken { get; private set; }

    public Instant NextTimeout => State == DtlsState.Connecting ? Instant.Min(retransmission.Deadline, handshakeDeadline) : Instant.Never;

    /// <summary>Sends the ClientHello, as a client; a server waits for it. Further calls do nothing.</summary>
    public void Start(Instant now)
    {
        if (started || State != DtlsState.Connecting || role == DtlsRole.Server)
            return;

        Begin(now);
        Handshake(now);
    }

    /// <summary>Takes a datagram of the pair that ICE has validated. Noise is dropped; what only pretends to be noise counts against <see cref="MaxHandshakeDatagrams"/>.</summary>
    public void HandleDatagram(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (State is DtlsState.Failed or DtlsState.Closed || (role == DtlsRole.Client && !started))
            return;
        if (datagram.Length > MaxReceivedBytes || !DtlsRecords.IsWellFormed(datagram, engine.IsDtls13))
        {
            MalformedDatagrams++;
            return;
        }

        Begin(now);
        if (State == DtlsState.Connecting && ++handshakeDatagrams > MaxHandshakeDatagrams)
        {
            Fail(DtlsFailure.TooManyDatagrams);
            return;
        }

        var wasConnected = State == DtlsState.Connected;
        if (State == DtlsState.Connecting)
            RepeatIfOverdue(now);
        engine.Feed(datagram);
        if (State == DtlsState.Connecting)
            Handshake(now);
        if (State == DtlsState.Connected)
            ReadApplicationData();

        var sent = TakeOutput(now, repeated: false);
        if (wasConnected && !sent && State == DtlsState.Connected)
            RepeatFinalFlight(datagram, now);
        if (State == DtlsState.Connected)
            engine.ReleaseBuffers();
    }

    public void HandleTimeout(Instant now)
    {
        if (State != DtlsState.Connecting)
            return;
        if (now >= handshakeDeadline)
        {
            Fail(DtlsFailure.Timeout);
            return;
        }

        if (now < retransmission.Deadline)
            return;

        retransmission.TimedOut(now);
        engine.HandleTimeout();
        if (!TakeOutput(now, repeated: true))
            Enqueue(retransmission.Flight);
    }

    /// <summary>One datagram of at most 1200 bytes per call; false when there is none left.</summary>
    public bool TryTakeTransmit(Span<byte> destination, out int length) => TryTake(transmits, destination, out length);

    /// <summary>One message per call. There are none before <see cref="DtlsState.Connected"/>.</summary>
    public bool TryTakeApplicationData(Span<byte> destination, out int length) => TryTake(applicationData, destination, out length);

    /// <summary>Drops the messages that wait to be taken.</summary>
    /// <returns>How many.</returns>
    public int DiscardApplicationData()
    {
        var count = applicationData.Count;
        applicationData.Clear();
        return count;
    }

    /// <summary>False when not connected, when the message does not fit one datagram, or when nobody takes the datagrams.</summary>
    public bool TrySendApplicationData(ReadOnlySpan<byte> data)
    {
        if (State != DtlsState.Connected || data.IsEmpty || data.Length > MaxApplicationBytes || transmits.Count >= MaxTransmits || !engine.Write(data))
            return false;

        Enqueue(engine.TakeOutput());
        engine.ReleaseBuffers();
        return true;
    }

    /// <summary>The SRTP contexts of this connection; the caller disposes them. Only when connected: before that the peer is not known to be the one of the SDP.</summary>
    public (SrtpReceiver Inbound, SrtpSender Outbound) CreateSrtp()
    {
        if (State != DtlsState.Connected)
            throw new InvalidOperationException($"SRTP keys exist only in a connected DTLS transport; this one is {State}.");

        return SrtpKeyExport.Create(engine, Profile, role);
    }

    /// <summary>Sends close_notify if connected.</summary>
    public void Close()
    {
        if (State is DtlsState.Failed or DtlsState.Closed)
            return;
        if (State == DtlsState.Connected)
            SendCloseNotify();
        State = DtlsState.Closed;
    }

    public void Dispose() => engine.Dispose();

    private void Begin(Instant now)
    {
        if (started)
            return;
        started = true;
        handshakeDeadline = now + HandshakeLimit;
    }

    private void Handshake(Instant now)
    {
        var result = engine.Handshake();
        TakeOutput(now, repeated: false);
        if (result == DtlsEngineResult.Done)
            Admit();
        else if (result != DtlsEngineResult.NeedsMore)
            Fail(WhyFailed(result));
    }

    /// <summary>
    /// When this thread has stood still, OpenSSL's timer may have run out. OpenSSL looks at it whenever it reads, so the former flight would leave in one datagram with the next one, of which
    /// OpenSSL as a server reads no more than the first message.
    /// </summary>
    private void RepeatIfOverdue(Instant now)
    {
        engine.HandleTimeout();
        TakeOutput(now, repeated: true);
    }

    private DtlsFailure WhyFailed(DtlsEngineResult result)
    {
        if (result == DtlsEngineResult.AlertFromPeer)
            return DtlsFailure.Alert;
        return engine.IsPeerKeyTooSmall ? DtlsFailure.WeakCertificate : DtlsFailure.HandshakeError;
    }

    /// <summary>The handshake is done cryptographically; who the peer is, is decided here, before any key or data leaves this object.</summary>
    private void Admit()
    {
        retransmission.Stop();
        using var certificate = engine.PeerCertificate();
        var profile = (SrtpProfile)engine.SelectedSrtpProfile();
        if (certificate.IsInvalid || !CertificateDigest.MatchesAny(certificate, expected))
            Refuse(DtlsFailure.FingerprintMismatch);
        else if (profile == SrtpProfile.None)
            Refuse(DtlsFailure.NoSrtpProfile);
        else
            (Profile, State) = (profile, DtlsState.Connected);
    }

    private void Refuse(DtlsFailure failure)
    {
        SendCloseNotify(); // so that the peer need not wait for its own timeout
        Fail(failure);
    }

    private void Fail(DtlsFailure failure)
    {
        Failure = failure;
        State = DtlsState.Failed;
        Profile = SrtpProfile.None;
        applicationData.Clear();
    }

    private void ReadApplicationData()
    {
        Span<byte> buffer = stackalloc byte[MaxReceivedBytes];
        while (true)
        {
            switch (engine.Read(buffer, out var length))
            {
                case DtlsEngineResult.Done:
                    if (applicationData.Count < MaxApplicationMessages)
                        applicationData.Enqueue(buffer[..length].ToArray());
                    else
                        MessagesNotTaken++;
                    break;
                case DtlsEngineResult.NeedsMore:
                    return;
                case DtlsEngineResult.ClosedByPeer:
                    SendCloseNotify();
                    State = DtlsState.Closed;
                    return;
                case DtlsEngineResult.AlertFromPeer:
                    Fail(DtlsFailure.Alert);
                    return;
                default:
                    Fail(DtlsFailure.HandshakeError);
                    return;
            }
        }
    }

    /// <summary>
    /// A handshake record after the end means that the peer did not get our final flight. OpenSSL answers when the record is new to it; when the peer
    /// repeats old record numbers OpenSSL drops them as replays, and we repeat the flight. Only the server sends the final flight (there is no resumption);
    /// a client that answered too would play ping-pong with it. DTLS 1.3 has acknowledgements for that, and hides what a record is.
    /// </summary>
    private void RepeatFinalFlight(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (role == DtlsRole.Server && !engine.IsDtls13 && DtlsRecords.ContainHandshake(datagram) && retransmission.MayRepeatFinalFlight(now))
            Enqueue(retransmission.Flight);
    }

    private void SendCloseNotify()
    {
        engine.Shutdown();
        Enqueue(engine.TakeOutput());
    }

    /// <summary>Moves what OpenSSL wrote to the queue, and remembers it if it is a flight. Returns whether there was anything.</summary>
    private bool TakeOutput(Instant now, bool repeated)
    {
        if (engine.PendingOutput == 0)
            return false;

        var output = engine.TakeOutput();
        if (State == DtlsState.Connecting && DtlsRecords.ContainHandshake(output))
            retransmission.Sent(output, now, repeated);
        Enqueue(output);
        return true;
    }

    /// <summary>Packs records into datagrams. Plaintext records get fresh numbers, whether sent for the first time or again.</summary>
    private void Enqueue(Span<byte> records)
    {
        DtlsRecords.RenumberPlaintext(records, ref nextPlaintextRecord);
        while (!records.IsEmpty && transmits.Count < MaxTransmits)
        {
            var length = DtlsRecords.TakeDatagram(records, DtlsEngine.MaxDatagramBytes);
            transmits.Enqueue(records[..length].ToArray());
            records = records[length..];
        }
    }

    private static bool TryTake(Queue<byte[]> queue, Span<byte> destination, out int length)
    {
        length = 0;
        if (!queue.TryPeek(out var next))
            return false;

        next.CopyTo(destination); // throws when the caller's buffer is too small for a datagram
        queue.Dequeue();
        length = next.Length;
        return true;
    }
}
