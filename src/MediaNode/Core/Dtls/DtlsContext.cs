using System.Runtime.InteropServices;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Dtls;

/// <summary>
/// What all DTLS connections of a node share (SSL_CTX): DTLS 1.2, and 1.3 where that is asked for and there; forward-secret AEAD suites, the SRTP profiles, our certificate.
/// </summary>
public sealed unsafe class DtlsContext : IDisposable
{
    /// <summary>In order of preference; as a server ours wins (OpenSSL takes the first of these that the client offers). AES-128-GCM is the cheapest per packet.</summary>
    internal const string DefaultSrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>AES-GCM alone, which every WebRTC peer has: <see cref="DtlsRecords.EncryptionBytes"/> relies on it. CBC suites are open to the same short-record flaw.</summary>
    private const string CipherSuites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";

    private const string Groups = "X25519:P-256:P-384";

    /// <summary>OpenSSL's level 2: no RSA key below 2048 bits, no EC key below 224.</summary>
    private const int SecurityLevel = 2;

    /// <summary>Bytes of certificates taken from a peer. A browser's is some 300 bytes; this leaves room for an RSA-4096 chain of a few.</summary>
    private const int MaxCertificateListBytes = 16 * 1024;

    public DtlsContext(DtlsCertificate certificate) : this(certificate, DefaultSrtpProfiles)
    {
    }

    /// <summary>For tests: other profiles (none when empty), no certificate, or a level at which weak ones can be shown, to play peers that ought to be refused.</summary>
    internal DtlsContext(DtlsCertificate? certificate, string srtpProfiles, int securityLevel = SecurityLevel)
    {
        LibCrypto.ERR_clear_error();
        Handle = OpenSslException.ThrowIfInvalid(LibSsl.SSL_CTX_new(LibSsl.DTLS_method()), nameof(LibSsl.SSL_CTX_new));
        Control(LibSsl.ControlSetMinVersion, LibSsl.Dtls12);
        LimitToDtls12();
        // It is what OpenSSL makes its write buffer for; 16 KB otherwise.
        Control(LibSsl.ControlSetMaxSendFragment, DtlsEngine.MaxDatagramBytes);
        Control(LibSsl.ControlSetSessionCacheMode, LibSsl.SessionCacheOff);
        Control(LibSsl.ControlSetMaxCertificateList, MaxCertificateListBytes);
        SetGroups();
        LibSsl.SSL_CTX_set_security_level(Handle, securityLevel);
        _ = LibSsl.SSL_CTX_set_options(
            Handle,
            LibSsl.OptionNoQueryMtu | LibSsl.OptionNoTicket | LibSsl.OptionNoCompression | LibSsl.OptionCipherServerPreference | LibSsl.OptionNoRenegotiation);
        OpenSslException.ThrowIfNotOne(LibSsl.SSL_CTX_set_cipher_list(Handle, CipherSuites), nameof(LibSsl.SSL_CTX_set_cipher_list));
        if (srtpProfiles.Length > 0 && LibSsl.SSL_CTX_set_tlsext_use_srtp(Handle, srtpProfiles) != 0)
            throw OpenSslException.FromErrorQueue(nameof(LibSsl.SSL_CTX_set_tlsext_use_srtp));
        LibSsl.SSL_CTX_set_verify(Handle, LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCertificate, &AcceptUntrusted);
        if (certificate is not null)
        {
            OpenSslException.ThrowIfNotOne(LibSsl.SSL_CTX_use_certificate(Handle, certificate.Certificate), nameof(LibSsl.SSL_CTX_use_certificate));
            OpenSslException.ThrowIfNotOne(LibSsl.SSL_CTX_use_PrivateKey(Handle, certificate.Key), nameof(LibSsl.SSL_CTX_use_PrivateKey));
        }
    }

    /// <summary>
    /// OpenSSL repeats flights too, by the real clock. False switches that off, for simulations: their time is not the real one, and a busy machine
    /// would make OpenSSL give up a handshake that has not lost a millisecond of virtual time.
    /// </summary>
    public bool UsesRealClock { get; init; } = true;

    internal SslContextHandle Handle { get; }

    /// <summary>Lets connections made from now on use DTLS 1.3 (RFC 9147).</summary>
    /// <returns>False when this OpenSSL has none; 3.0 has not.</returns>
    public bool TryAllowDtls13() => Control(LibSsl.ControlSetMaxVersion, LibSsl.Dtls13) == 1;

    public void LimitToDtls12() => Control(LibSsl.ControlSetMaxVersion, LibSsl.Dtls12);

    public void Dispose() => Handle.Dispose();

    /// <summary>
    /// Called per flaw that OpenSSL finds in the peer's certificate. It is self-signed and known by its fingerprint, which <see cref="DtlsTransport"/> compares,
    /// so who signed it and when it expires say nothing. A key that can be broken still does.
    /// </summary>
    [UnmanagedCallersOnly]
    private static int AcceptUntrusted(int verified, nint store) =>
        verified == 1 || LibCrypto.X509_STORE_CTX_get_error(store) != LibCrypto.X509ErrorKeyTooSmall ? 1 : 0;

    private nint Control(int command, int argument) => LibSsl.SSL_CTX_ctrl(Handle, command, new CLong(argument), 0).Value;

    private void SetGroups()
    {
        fixed (byte* groups = System.Text.Encoding.ASCII.GetBytes(Groups + '\0'))
        {
            if (LibSsl.SSL_CTX_ctrl(Handle, LibSsl.ControlSetGroupsList, default, (nint)groups).Value != 1)
                throw OpenSslException.FromErrorQueue(nameof(LibSsl.SSL_CTX_ctrl));
        }
    }
}
