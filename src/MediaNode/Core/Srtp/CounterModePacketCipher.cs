using System.Buffers.Binary;
using System.Security.Cryptography;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Srtp;

/// <summary>AES counter mode and HMAC-SHA1 for one direction of RTP or of RTCP (RFC 3711 sections 4.1.1 and 4.2.1). Both keys are scheduled once.</summary>
internal sealed unsafe class CounterModePacketCipher : IDisposable
{
    private const int IvBytes = 16;
    private const int Sha1Bytes = 20;

    private readonly CipherContextHandle cipher;
    private readonly HmacContextHandle hmac;
    private readonly nint nativeCipher;
    private readonly nint nativeHmac;
    private readonly byte[] salt;

    internal CounterModePacketCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> authenticationKey)
    {
        cipher = OpenSslException.ThrowIfInvalid(LibCrypto.EVP_CIPHER_CTX_new(), nameof(LibCrypto.EVP_CIPHER_CTX_new));
        hmac = OpenSslException.ThrowIfInvalid(LibCrypto.HMAC_CTX_new(), nameof(LibCrypto.HMAC_CTX_new));
        nativeCipher = cipher.DangerousGetHandle();
        nativeHmac = hmac.DangerousGetHandle();
        this.salt = salt.ToArray();
        fixed (byte* keyPointer = key, authenticationPointer = authenticationKey)
        {
            OpenSslException.ThrowIfNotOne(
                LibCrypto.EVP_CipherInit_ex(nativeCipher, LibCrypto.EVP_aes_128_ctr(), 0, keyPointer, null, 1), nameof(LibCrypto.EVP_CipherInit_ex));

            // HMAC_* and not EVP_MAC: before OpenSSL 3.0.3 an EVP_MAC context could not be started again without its key.
            OpenSslException.ThrowIfNotOne(
                LibCrypto.HMAC_Init_ex(nativeHmac, authenticationPointer, authenticationKey.Length, LibCrypto.EVP_sha1(), 0), nameof(LibCrypto.HMAC_Init_ex));
        }
    }

    /// <summary>XORs the key stream of this packet over the input; encryption and decryption are the same.</summary>
    internal void Transform(uint ssrc, ulong index, ReadOnlySpan<byte> input, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(cipher.IsClosed, this);
        if (input.IsEmpty)
            return;

        var iv = stackalloc byte[IvBytes];
        WriteIv(salt, ssrc, index, new Span<byte>(iv, IvBytes));
        const int KeepDirection = -1;
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherInit_ex(nativeCipher, 0, 0, null, iv, KeepDirection), nameof(LibCrypto.EVP_CipherInit_ex));
        int written;
        fixed (byte* source = input, destination = output)
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(nativeCipher, destination, &written, source, input.Length), nameof(LibCrypto.EVP_CipherUpdate));
        GC.KeepAlive(cipher);
    }

    /// <summary>Writes the tag over both parts: the first 80 bits of HMAC-SHA1.</summary>
    internal void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> moreData, Span<byte> tag)
    {
        ObjectDisposedException.ThrowIf(hmac.IsClosed, this);
        var code = stackalloc byte[Sha1Bytes];
        OpenSslException.ThrowIfNotOne(LibCrypto.HMAC_Init_ex(nativeHmac, null, 0, 0, 0), nameof(LibCrypto.HMAC_Init_ex));
        fixed (byte* first = data, second = moreData)
        {
            OpenSslException.ThrowIfNotOne(LibCrypto.HMAC_Update(nativeHmac, first, (nuint)data.Length), nameof(LibCrypto.HMAC_Update));
            if (moreData.Length > 0)
                OpenSslException.ThrowIfNotOne(LibCrypto.HMAC_Update(nativeHmac, second, (nuint)moreData.Length), nameof(LibCrypto.HMAC_Update));
        }

        uint length = Sha1Bytes;
        OpenSslException.ThrowIfNotOne(LibCrypto.HMAC_Final(nativeHmac, code, &length), nameof(LibCrypto.HMAC_Final));
        new ReadOnlySpan<byte>(code, SrtpProfileParameters.HmacTagBytes).CopyTo(tag);
        GC.KeepAlive(hmac);
    }

    internal bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> moreData, ReadOnlySpan<byte> tag)
    {
        Span<byte> expected = stackalloc byte[SrtpProfileParameters.HmacTagBytes];
        Sign(data, moreData, expected);
        return CryptographicOperations.FixedTimeEquals(expected, tag);
    }

    /// <summary>RFC 3711 section 4.1.1: the salt at the left, SSRC in bytes 4 to 7, the 48-bit index in bytes 8 to 13; the last two count blocks.</summary>
    internal static void WriteIv(ReadOnlySpan<byte> salt, uint ssrc, ulong index, Span<byte> iv)
    {
        BinaryPrimitives.WriteUInt32BigEndian(iv, 0);
        BinaryPrimitives.WriteUInt32BigEndian(iv[4..], ssrc);
        BinaryPrimitives.WriteUInt64BigEndian(iv[8..], index << 16);
        for (var i = 0; i < salt.Length; i++)
            iv[i] ^= salt[i];
    }

    public void Dispose()
    {
        cipher.Dispose();
        hmac.Dispose();
        CryptographicOperations.ZeroMemory(salt);
    }
}
