using System.Runtime.InteropServices;

namespace MediaNode.Core.OpenSsl;

/// <summary>
/// The part of libcrypto that is used here, under OpenSSL's own names.
/// SuppressGCTransition marks the calls made per packet: they neither block nor call back and take about a microsecond on a full datagram,
/// of which the transition would be a good part.
/// </summary>
internal static unsafe partial class LibCrypto
{
    internal const int GcmGetTag = 0x10; // EVP_CTRL_AEAD_GET_TAG
    internal const int GcmSetTag = 0x11; // EVP_CTRL_AEAD_SET_TAG
    internal const int MaxDigestBytes = 64; // EVP_MAX_MD_SIZE
    internal const int MbStringAscii = 0x1001; // MBSTRING_ASC
    internal const int X509ErrorKeyTooSmall = 66; // X509_V_ERR_EE_KEY_TOO_SMALL

    static LibCrypto() => OpenSslLibrary.UseResolver();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void ERR_clear_error();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial CULong ERR_get_error();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint ERR_reason_error_string(CULong code);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_aes_128_ctr();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_aes_256_ctr();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_aes_128_gcm();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_aes_256_gcm();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_sha1();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_sha256();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_sha384();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint EVP_sha512();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial CipherContextHandle EVP_CIPHER_CTX_new();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void EVP_CIPHER_CTX_free(nint context);

    /// <summary>With a null cipher and key: a new IV for the key already scheduled.</summary>
    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_CipherFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int EVP_CIPHER_CTX_ctrl(nint context, int command, int argument, byte* pointer);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial HmacContextHandle HMAC_CTX_new();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void HMAC_CTX_free(nint context);

    /// <summary>With a null key and digest: a new message under the same key.</summary>
    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int HMAC_Init_ex(nint context, byte* key, int keyLength, nint digest, nint engine);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int HMAC_Update(nint context, byte* data, nuint length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    [SuppressGCTransition]
    internal static partial int HMAC_Final(nint context, byte* code, uint* length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int RAND_bytes(byte* buffer, int length);

    [LibraryImport(OpenSslLibrary.Crypto, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint EVP_PKEY_CTX_new_from_name(nint library, string name, nint properties);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void EVP_PKEY_CTX_free(nint context);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int EVP_PKEY_keygen_init(nint context);

    [LibraryImport(OpenSslLibrary.Crypto, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int EVP_PKEY_CTX_set_group_name(nint context, string name);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int EVP_PKEY_generate(nint context, out PrivateKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void EVP_PKEY_free(nint key);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial CertificateHandle X509_new();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial void X509_free(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_set_version(CertificateHandle certificate, CLong version);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint X509_get_serialNumber(CertificateHandle certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int ASN1_INTEGER_set_uint64(nint integer, ulong value);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint X509_getm_notBefore(CertificateHandle certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint X509_getm_notAfter(CertificateHandle certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint X509_gmtime_adj(nint time, CLong secondsFromNow);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint X509_get_subject_name(CertificateHandle certificate);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_set_issuer_name(CertificateHandle certificate, nint name);

    [LibraryImport(OpenSslLibrary.Crypto, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int X509_NAME_add_entry_by_txt(nint name, string field, int type, string value, int length, int location, int set);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_set_pubkey(CertificateHandle certificate, PrivateKeyHandle key);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_sign(CertificateHandle certificate, PrivateKeyHandle key, nint digest);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_digest(CertificateHandle certificate, nint digest, byte* output, uint* length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int X509_STORE_CTX_get_error(nint store);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint BIO_s_mem();

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nint BIO_new(nint method);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_free(nint bio);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_write(nint bio, byte* data, int length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial int BIO_read(nint bio, byte* buffer, int length);

    [LibraryImport(OpenSslLibrary.Crypto)]
    internal static partial nuint BIO_ctrl_pending(nint bio);
}
