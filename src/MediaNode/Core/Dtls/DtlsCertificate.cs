using System.Runtime.InteropServices;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Dtls;

/// <summary>
/// The node's own certificate: self-signed, EC P-256, made once per node. Peers know it by its fingerprint in the SDP (RFC 8122), so its names mean nothing.
/// Made by OpenSSL, so the private key is never in managed memory; the validity dates are OpenSSL's reading of the clock, once.
/// </summary>
public sealed class DtlsCertificate : IDisposable
{
    private const int SecondsPerDay = 24 * 60 * 60;

    /// <summary>Days. Peers do not check it; a node restarts far more often.</summary>
    private const int ValidDays = 30;

    private DtlsCertificate(PrivateKeyHandle key, CertificateHandle certificate)
    {
        Key = key;
        Certificate = certificate;
        Sha256Fingerprint = DtlsFingerprint.Format(CertificateDigest.Compute(certificate, "sha-256"));
    }

    /// <summary>"AB:CD:..." in upper case: what stands after "sha-256 " in a=fingerprint.</summary>
    public string Sha256Fingerprint { get; }

    internal PrivateKeyHandle Key { get; }

    internal CertificateHandle Certificate { get; }

    public static DtlsCertificate CreateSelfSigned()
    {
        LibCrypto.ERR_clear_error();
        return CreateSelfSigned(GenerateKey());
    }

    /// <summary>For tests: with a key of another kind, as peers have them. The certificate owns it from now on.</summary>
    internal static DtlsCertificate CreateSelfSigned(PrivateKeyHandle key)
    {
        var certificate = OpenSslException.ThrowIfInvalid(LibCrypto.X509_new(), nameof(LibCrypto.X509_new));
        const int Version3 = 2; // counted from 0
        Check(LibCrypto.X509_set_version(certificate, new CLong(Version3)), nameof(LibCrypto.X509_set_version));
        Check(LibCrypto.ASN1_INTEGER_set_uint64(LibCrypto.X509_get_serialNumber(certificate), RandomSerialNumber()), nameof(LibCrypto.ASN1_INTEGER_set_uint64));

        // A day back, for peers whose clock is behind.
        _ = LibCrypto.X509_gmtime_adj(LibCrypto.X509_getm_notBefore(certificate), new CLong(-SecondsPerDay));
        _ = LibCrypto.X509_gmtime_adj(LibCrypto.X509_getm_notAfter(certificate), new CLong(ValidDays * SecondsPerDay));

        var name = LibCrypto.X509_get_subject_name(certificate);
        Check(LibCrypto.X509_NAME_add_entry_by_txt(name, "CN", LibCrypto.MbStringAscii, "media", -1, -1, 0), nameof(LibCrypto.X509_NAME_add_entry_by_txt));
        Check(LibCrypto.X509_set_issuer_name(certificate, name), nameof(LibCrypto.X509_set_issuer_name));
        Check(LibCrypto.X509_set_pubkey(certificate, key), nameof(LibCrypto.X509_set_pubkey));
        if (LibCrypto.X509_sign(certificate, key, LibCrypto.EVP_sha256()) <= 0)
            throw OpenSslException.FromErrorQueue(nameof(LibCrypto.X509_sign));
        return new DtlsCertificate(key, certificate);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        Key.Dispose();
    }

    private static PrivateKeyHandle GenerateKey()
    {
        var context = LibCrypto.EVP_PKEY_CTX_new_from_name(0, "EC", 0);
        try
        {
            Check(LibCrypto.EVP_PKEY_keygen_init(context), nameof(LibCrypto.EVP_PKEY_keygen_init));
            Check(LibCrypto.EVP_PKEY_CTX_set_group_name(context, "P-256"), nameof(LibCrypto.EVP_PKEY_CTX_set_group_name));
            Check(LibCrypto.EVP_PKEY_generate(context, out var key), nameof(LibCrypto.EVP_PKEY_generate));
            return key;
        }
        finally
        {
            LibCrypto.EVP_PKEY_CTX_free(context);
        }
    }

    private static unsafe ulong RandomSerialNumber()
    {
        ulong value;
        Check(LibCrypto.RAND_bytes((byte*)&value, sizeof(ulong)), nameof(LibCrypto.RAND_bytes));
        return value >> 1; // serial numbers are positive
    }

    private static void Check(int result, string call) => OpenSslException.ThrowIfNotOne(result, call);
}
