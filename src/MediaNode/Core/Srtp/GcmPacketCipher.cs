using System.Buffers.Binary;
using System.Security.Cryptography;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Srtp;

/// <summary>AEAD_AES_128_GCM and AEAD_AES_256_GCM for one direction of RTP or of RTCP (RFC 7714). The key is scheduled once; a packet only sets the IV.</summary>
internal sealed unsafe class GcmPacketCipher : IDisposable
{
    internal const int IvBytes = 12;

    private readonly CipherContextHandle context;
    private readonly nint native;
    private readonly byte[] salt;

    internal GcmPacketCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, bool encrypt)
    {
        context = OpenSslException.ThrowIfInvalid(LibCrypto.EVP_CIPHER_CTX_new(), nameof(LibCrypto.EVP_CIPHER_CTX_new));
        native = context.DangerousGetHandle();
        this.salt = salt.ToArray();
        var cipher = key.Length == 32 ? LibCrypto.EVP_aes_256_gcm() : LibCrypto.EVP_aes_128_gcm();
        fixed (byte* keyPointer = key)
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherInit_ex(native, cipher, 0, keyPointer, null, encrypt ? 1 : 0), nameof(LibCrypto.EVP_CipherInit_ex));
    }

    /// <summary>Encrypts <paramref name="plaintext"/> into <paramref name="output"/> and appends the tag. The additional data is both parts, one after the other.</summary>
    internal void Seal(uint ssrc, ulong index, ReadOnlySpan<byte> additional, ReadOnlySpan<byte> moreAdditional, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        Begin(ssrc, index, additional, moreAdditional);
        int written;
        fixed (byte* input = plaintext, destination = output)
        {
            if (plaintext.Length > 0)
                OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(native, destination, &written, input, plaintext.Length), nameof(LibCrypto.EVP_CipherUpdate));
            var tag = destination + plaintext.Length;
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherFinal_ex(native, tag, &written), nameof(LibCrypto.EVP_CipherFinal_ex));
            OpenSslException.ThrowIfNotOne(
                LibCrypto.EVP_CIPHER_CTX_ctrl(native, LibCrypto.GcmGetTag, SrtpProfileParameters.GcmTagBytes, tag), nameof(LibCrypto.EVP_CIPHER_CTX_ctrl));
        }

        GC.KeepAlive(context);
    }

    /// <summary>Decrypts in place. When the tag is wrong the buffer holds rubbish that must not be used.</summary>
    internal bool TryOpen(uint ssrc, ulong index, ReadOnlySpan<byte> additional, ReadOnlySpan<byte> moreAdditional, Span<byte> ciphertext, ReadOnlySpan<byte> tag)
    {
        Begin(ssrc, index, additional, moreAdditional);
        int written;
        int result;
        fixed (byte* data = ciphertext, tagPointer = tag)
        {
            if (ciphertext.Length > 0)
                OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(native, data, &written, data, ciphertext.Length), nameof(LibCrypto.EVP_CipherUpdate));
            OpenSslException.ThrowIfNotOne(
                LibCrypto.EVP_CIPHER_CTX_ctrl(native, LibCrypto.GcmSetTag, tag.Length, tagPointer), nameof(LibCrypto.EVP_CIPHER_CTX_ctrl));
            byte none;
            result = LibCrypto.EVP_CipherFinal_ex(native, &none, &written);
        }

        GC.KeepAlive(context);
        return result == 1;
    }

    /// <summary>
    /// RFC 7714 sections 8.1 and 9.1: two zero bytes, the SSRC and the 48-bit index, all XORed with the salt. The SRTCP index has 31 bits, so its 16 zero bits
    /// come out of the same layout.
    /// </summary>
    internal static void WriteIv(ReadOnlySpan<byte> salt, uint ssrc, ulong index, Span<byte> iv)
    {
        BinaryPrimitives.WriteUInt32BigEndian(iv, ssrc >> 16);
        BinaryPrimitives.WriteUInt64BigEndian(iv[4..], ((ulong)(ssrc & 0xFFFF) << 48) | index);
        for (var i = 0; i < IvBytes; i++)
            iv[i] ^= salt[i];
    }

    public void Dispose()
    {
        context.Dispose();
        CryptographicOperations.ZeroMemory(salt);
    }

    private void Begin(uint ssrc, ulong index, ReadOnlySpan<byte> additional, ReadOnlySpan<byte> moreAdditional)
    {
        ObjectDisposedException.ThrowIf(context.IsClosed, this);
        var iv = stackalloc byte[IvBytes];
        WriteIv(salt, ssrc, index, new Span<byte>(iv, IvBytes));
        const int KeepDirection = -1;
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherInit_ex(native, 0, 0, null, iv, KeepDirection), nameof(LibCrypto.EVP_CipherInit_ex));
        Authenticate(additional);
        if (moreAdditional.Length > 0)
            Authenticate(moreAdditional);
    }

    private void Authenticate(ReadOnlySpan<byte> additional)
    {
        int written;
        fixed (byte* data = additional)
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(native, null, &written, data, additional.Length), nameof(LibCrypto.EVP_CipherUpdate));
    }
}
