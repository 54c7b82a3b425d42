using System.Runtime.InteropServices;

namespace MediaNode.Core.OpenSsl;

/// <summary>The part of libssl that is used here, under OpenSSL's own names. Clear the thread's error queue before a call whose result is read with SSL_get_error.</summary>
internal static unsafe partial class LibSsl
{
    internal const int ControlSetMtu = 17; // SSL_CTRL_SET_MTU
    internal const int ControlSetSessionCacheMode = 44; // SSL_CTRL_SET_SESS_CACHE_MODE
    internal const int ControlSetMaxCertificateList = 51; // SSL_CTRL_SET_MAX_CERT_LIST
    internal const int ControlSetMaxSendFragment = 52; // SSL_CTRL_SET_MAX_SEND_FRAGMENT
    internal const int ControlHandleTimeout = 74; // DTLS_CTRL_HANDLE_TIMEOUT
    internal const int ControlSetGroupsList = 92; // SSL_CTRL_SET_GROUPS_LIST
    internal const int ControlSetMinVersion = 123; // SSL_CTRL_SET_MIN_PROTO_VERSION
    internal const int ControlSetMaxVersion = 124; // SSL_CTRL_SET_MAX_PROTO_VERSION

    internal const int SessionCacheOff = 0;
    internal const int Dtls12 = 0xFEFD;
    internal const int Dtls13 = 0xFEFC;

    internal const ulong OptionNoQueryMtu = 1UL << 12;
    internal const ulong OptionNoTicket = 1UL << 14;
    internal const ulong OptionNoCompression = 1UL << 17;
    internal const ulong OptionCipherServerPreference = 1UL << 22;
    internal const ulong OptionNoRenegotiation = 1UL << 30;

    internal const int VerifyPeer = 1;
    internal const int VerifyFailIfNoPeerCertificate = 2;

    internal const int ErrorWantRead = 2;
    internal const int ErrorSystemCall = 5;
    internal const int ErrorZeroReturn = 6;

    /// <summary>Reason codes from here on are alerts that the peer sent: SSL_AD_REASON_OFFSET plus the alert's number.</summary>
    internal const int AlertReasonOffset = 1000;

    static LibSsl() => OpenSslLibrary.UseResolver();

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint DTLS_method();

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial SslContextHandle SSL_CTX_new(nint method);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_free(nint context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial CLong SSL_CTX_ctrl(SslContextHandle context, int command, CLong argument, nint pointer);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial ulong SSL_CTX_set_options(SslContextHandle context, ulong options);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_set_security_level(SslContextHandle context, int level);

    [LibraryImport(OpenSslLibrary.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_cipher_list(SslContextHandle context, string list);

    /// <summary>Returns 0 on success, unlike its neighbours.</summary>
    [LibraryImport(OpenSslLibrary.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_CTX_set_tlsext_use_srtp(SslContextHandle context, string profiles);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_CTX_set_verify(SslContextHandle context, int mode, delegate* unmanaged<int, nint, int> callback);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_use_certificate(SslContextHandle context, CertificateHandle certificate);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_CTX_use_PrivateKey(SslContextHandle context, PrivateKeyHandle key);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial SslHandle SSL_new(SslContextHandle context);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_free(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial CLong SSL_ctrl(SslHandle ssl, int command, CLong argument, nint pointer);

    /// <summary>The connection takes ownership of both BIOs.</summary>
    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_set_bio(SslHandle ssl, nint readBio, nint writeBio);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void DTLS_set_timer_cb(SslHandle ssl, delegate* unmanaged<nint, uint, uint> callback);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_set_connect_state(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial void SSL_set_accept_state(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_do_handshake(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_is_init_finished(SslHandle ssl);

    /// <summary>Of the protocol, as far as it is decided.</summary>
    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_version(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_read(SslHandle ssl, byte* buffer, int length);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_write(SslHandle ssl, byte* data, int length);

    /// <summary>Does nothing when the connection has its record buffers.</summary>
    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_alloc_buffers(SslHandle ssl);

    /// <summary>Does nothing while a record waits in them.</summary>
    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_free_buffers(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_shutdown(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial int SSL_get_error(SslHandle ssl, int result);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial CertificateHandle SSL_get1_peer_certificate(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial CLong SSL_get_verify_result(SslHandle ssl);

    /// <summary>Points to { const char *name; unsigned long id; }, or null.</summary>
    [LibraryImport(OpenSslLibrary.Ssl)]
    internal static partial nint SSL_get_selected_srtp_profile(SslHandle ssl);

    [LibraryImport(OpenSslLibrary.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SSL_export_keying_material(
        SslHandle ssl, byte* output, nuint outputLength, string label, nuint labelLength, byte* context, nuint contextLength, int useContext);
}
