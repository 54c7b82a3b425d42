using System.Runtime.InteropServices;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Dtls;

/// <summary>What OpenSSL made of a call.</summary>
internal enum DtlsEngineResult
{
    /// <summary>Done; for a read, a message was returned.</summary>
    Done,
    NeedsMore,
    ClosedByPeer,
    AlertFromPeer,
    Failed,
}

/// <summary>
/// One SSL object between two memory BIOs: bytes in, bytes out, no socket. Each call first empties the thread's error queue, since SSL_get_error looks there,
/// and leaves it empty.
/// </summary>
internal sealed unsafe class DtlsEngine : IDisposable
{
    /// <summary>Bytes of a datagram that we send: passes every network met in practice without IP fragmentation, TURN and VPN headers included.</summary>
    internal const int MaxDatagramBytes = 1200;

    /// <summary>Microseconds. Just under <see cref="DtlsRetransmission.FirstTimeout"/> and <see cref="DtlsRetransmission.MaxTimeout"/>, so that OpenSSL's timer has always run out when ours has.</summary>
    private const uint FirstNativeTimeout = 80_000;
    private const uint MaxNativeTimeout = 900_000;

    private readonly SslHandle ssl;
    private readonly nint readBio;
    private readonly nint writeBio;

    internal DtlsEngine(DtlsContext context, DtlsRole role)
    {
        LibCrypto.ERR_clear_error();
        ssl = OpenSslException.ThrowIfInvalid(LibSsl.SSL_new(context.Handle), nameof(LibSsl.SSL_new));
        readBio = NewMemoryBio();
        writeBio = NewMemoryBio();
        LibSsl.SSL_set_bio(ssl, readBio, writeBio);
        _ = LibSsl.SSL_ctrl(ssl, LibSsl.ControlSetMtu, new CLong(MaxDatagramBytes), 0);
        LibSsl.DTLS_set_timer_cb(ssl, context.UsesRealClock ? &NextTimeout : &NoTimeout);
        if (role == DtlsRole.Client)
            LibSsl.SSL_set_connect_state(ssl);
        else
            LibSsl.SSL_set_accept_state(ssl);
    }

    /// <summary>Once both hellos have been seen.</summary>
    internal bool IsDtls13 => LibSsl.SSL_version(ssl) == LibSsl.Dtls13;

    internal bool IsHandshakeDone => LibSsl.SSL_is_init_finished(ssl) == 1;

    /// <summary>Why the handshake failed: the peer's certificate has a key below the security level.</summary>
    internal bool IsPeerKeyTooSmall => LibSsl.SSL_get_verify_result(ssl).Value == LibCrypto.X509ErrorKeyTooSmall;

    /// <summary>Bytes that OpenSSL has written and <see cref="TakeOutput"/> has not taken.</summary>
    internal int PendingOutput => (int)LibCrypto.BIO_ctrl_pending(writeBio);

    /// <summary>Feeds one datagram. It must be drained by <see cref="Handshake"/> or <see cref="Read"/> before the next: the BIO keeps no boundaries.</summary>
    internal void Feed(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* data = datagram)
        {
            if (LibCrypto.BIO_write(readBio, data, datagram.Length) != datagram.Length)
                throw OpenSslException.FromErrorQueue(nameof(LibCrypto.BIO_write));
        }
    }

    internal DtlsEngineResult Handshake()
    {
        LibCrypto.ERR_clear_error();
        return Interpret(LibSsl.SSL_do_handshake(ssl));
    }

    internal DtlsEngineResult Read(Span<byte> buffer, out int length)
    {
        LibCrypto.ERR_clear_error();
        TakeBuffers();
        fixed (byte* destination = buffer)
            length = LibSsl.SSL_read(ssl, destination, buffer.Length);
        return Interpret(length);
    }

    internal bool Write(ReadOnlySpan<byte> data)
    {
        LibCrypto.ERR_clear_error();
        TakeBuffers();
        fixed (byte* source = data)
            return Interpret(LibSsl.SSL_write(ssl, source, data.Length)) == DtlsEngineResult.Done;
    }

    /// <summary>Lets OpenSSL repeat its flight if its own timer has run out.</summary>
    internal void HandleTimeout()
    {
        LibCrypto.ERR_clear_error();
        _ = LibSsl.SSL_ctrl(ssl, LibSsl.ControlHandleTimeout, default, 0);
        LibCrypto.ERR_clear_error();
    }

    internal void Shutdown()
    {
        LibCrypto.ERR_clear_error();
        TakeBuffers();
        _ = LibSsl.SSL_shutdown(ssl);
        LibCrypto.ERR_clear_error();
    }

    /// <summary>
    /// Gives the record buffers back, which most connections never need after their handshake: the one for reading has 16 KB. OpenSSL does so by itself for TLS only
    /// (SSL_MODE_RELEASE_BUFFERS).
    /// </summary>
    internal void ReleaseBuffers() => _ = LibSsl.SSL_free_buffers(ssl);

    internal byte[] TakeOutput()
    {
        var output = new byte[PendingOutput];
        fixed (byte* destination = output)
        {
            if (output.Length > 0 && LibCrypto.BIO_read(writeBio, destination, output.Length) != output.Length)
                throw OpenSslException.FromErrorQueue(nameof(LibCrypto.BIO_read));
        }

        return output;
    }

    internal CertificateHandle PeerCertificate() => LibSsl.SSL_get1_peer_certificate(ssl);

    /// <summary>IANA number of the negotiated SRTP profile, 0 when there is none.</summary>
    internal int SelectedSrtpProfile()
    {
        var profile = LibSsl.SSL_get_selected_srtp_profile(ssl);
        return profile == 0 ? 0 : (int)((NativeSrtpProfile*)profile)->Id.Value;
    }

    /// <summary>RFC 5705 exporter without a context.</summary>
    internal void Export(string label, Span<byte> output)
    {
        LibCrypto.ERR_clear_error();
        fixed (byte* destination = output)
            OpenSslException.ThrowIfNotOne(
                LibSsl.SSL_export_keying_material(ssl, destination, (nuint)output.Length, label, (nuint)label.Length, null, 0, 0),
                nameof(LibSsl.SSL_export_keying_material));
    }

    public void Dispose() => ssl.Dispose(); // frees the BIOs too

    [UnmanagedCallersOnly]
    private static uint NextTimeout(nint connection, uint lastTimeout) =>
        lastTimeout == 0 ? FirstNativeTimeout : Math.Min(lastTimeout * 2, MaxNativeTimeout);

    /// <summary>As late as can be said: over an hour.</summary>
    [UnmanagedCallersOnly]
    private static uint NoTimeout(nint connection, uint lastTimeout) => uint.MaxValue;

    private static nint NewMemoryBio()
    {
        var bio = LibCrypto.BIO_new(LibCrypto.BIO_s_mem());
        return bio != 0 ? bio : throw OpenSslException.FromErrorQueue(nameof(LibCrypto.BIO_new));
    }

    private void TakeBuffers() => OpenSslException.ThrowIfNotOne(LibSsl.SSL_alloc_buffers(ssl), nameof(LibSsl.SSL_alloc_buffers));

    private DtlsEngineResult Interpret(int result)
    {
        if (result > 0)
            return DtlsEngineResult.Done;

        var error = LibSsl.SSL_get_error(ssl, result);
        const uint ReasonMask = 0x7FFFFF; // ERR_REASON_MASK
        var reason = (uint)LibCrypto.ERR_get_error().Value & ReasonMask;
        LibCrypto.ERR_clear_error();
        return error switch
        {
            LibSsl.ErrorWantRead => DtlsEngineResult.NeedsMore,

            // A memory BIO makes no system calls: with nothing in the error queue this is an empty record, for which SSL_read returns 0.
            LibSsl.ErrorSystemCall when reason == 0 => DtlsEngineResult.NeedsMore,
            LibSsl.ErrorZeroReturn => DtlsEngineResult.ClosedByPeer,
            _ when reason is >= LibSsl.AlertReasonOffset and < LibSsl.AlertReasonOffset + 256 => DtlsEngineResult.AlertFromPeer,
            _ => DtlsEngineResult.Failed,
        };
    }

    /// <summary>SRTP_PROTECTION_PROFILE of openssl/ssl.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct NativeSrtpProfile
    {
        internal nint Name;
        internal CULong Id;
    }
}
