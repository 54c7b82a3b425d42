using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Srtp;

/// <summary>
/// Session keys from the master key: AES-CM PRF (RFC 3711 section 4.3.3), with AES-256 for AEAD_AES_256_GCM (RFC 7714 section 11, RFC 6188).
/// The key derivation rate is always 0: DTLS-SRTP cannot signal another.
/// </summary>
internal static unsafe class SrtpKeyDerivation
{
    internal const byte RtpEncryption = 0;
    internal const byte RtpAuthentication = 1;
    internal const byte RtpSalt = 2;
    internal const byte RtcpEncryption = 3;
    internal const byte RtcpAuthentication = 4;
    internal const byte RtcpSalt = 5;

    private const int BlockBytes = 16;

    /// <summary>RFC 3711 section 4.3.1: the label stands at byte 7 of the 14-byte x. A 12-byte salt is first padded with two zero bytes on the right.</summary>
    private const int LabelOffset = 7;

    internal static void Derive(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> output)
    {
        Span<byte> iv = stackalloc byte[BlockBytes];
        iv.Clear();
        masterSalt.CopyTo(iv);
        iv[LabelOffset] ^= label;

        using var context = OpenSslException.ThrowIfInvalid(LibCrypto.EVP_CIPHER_CTX_new(), nameof(LibCrypto.EVP_CIPHER_CTX_new));
        var cipher = masterKey.Length == 32 ? LibCrypto.EVP_aes_256_ctr() : LibCrypto.EVP_aes_128_ctr();
        output.Clear();
        fixed (byte* key = masterKey, ivPointer = iv, outputPointer = output)
        {
            int written;
            var native = context.DangerousGetHandle();
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherInit_ex(native, cipher, 0, key, ivPointer, 1), nameof(LibCrypto.EVP_CipherInit_ex));
            OpenSslException.ThrowIfNotOne(
                LibCrypto.EVP_CipherUpdate(native, outputPointer, &written, outputPointer, output.Length), nameof(LibCrypto.EVP_CipherUpdate));
        }
    }
}
