using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MediaNode.Core.Srtp;

/// <summary>AEAD_AES_128_GCM and AEAD_AES_256_GCM for one direction of RTP or of RTCP (RFC 7714).</summary>
internal sealed unsafe class GcmPacketCipher(GcmKey key, ReadOnlySpan<byte> salt) : IDisposable
{
    private readonly byte[] salt = salt.ToArray();

    /// <summary>Encrypts <paramref name="plaintext"/> into <paramref name="output"/> and appends the tag.</summary>
    internal void Seal(uint ssrc, ulong index, ReadOnlySpan<byte> additional, ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, plaintext.Length + GcmKey.TagBytes, nameof(output));
        var iv = stackalloc byte[GcmKey.IvBytes];
        WriteIv(salt, ssrc, index, new Span<byte>(iv, GcmKey.IvBytes));
        fixed (byte* header = additional, input = plaintext, destination = output)
            key.Seal(iv, header, additional.Length, input, plaintext.Length, destination);
    }

    /// <summary>Decrypts in place. When the tag is wrong the buffer holds rubbish that must not be used.</summary>
    internal bool TryOpen(uint ssrc, ulong index, ReadOnlySpan<byte> additional, Span<byte> ciphertext, ReadOnlySpan<byte> tag)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tag.Length, GcmKey.TagBytes, nameof(tag));
        var iv = stackalloc byte[GcmKey.IvBytes];
        WriteIv(salt, ssrc, index, new Span<byte>(iv, GcmKey.IvBytes));
        fixed (byte* header = additional, data = ciphertext, expected = tag)
            return key.TryOpen(iv, header, additional.Length, data, ciphertext.Length, expected);
    }

    /// <summary>
    /// RFC 7714 sections 8.1 and 9.1: two zero bytes, the SSRC and the 48-bit index, all XORed with the salt. The SRTCP index has 31 bits, so its 16 zero bits
    /// come out of the same layout.
    /// </summary>
    internal static void WriteIv(ReadOnlySpan<byte> salt, uint ssrc, ulong index, Span<byte> iv)
    {
        BinaryPrimitives.WriteUInt32BigEndian(iv, ssrc >> 16);
        BinaryPrimitives.WriteUInt64BigEndian(iv[4..], ((ulong)(ssrc & 0xFFFF) << 48) | index);
        for (var i = 0; i < GcmKey.IvBytes; i++)
            iv[i] ^= salt[i];
    }

    public void Dispose()
    {
        key.Dispose();
        CryptographicOperations.ZeroMemory(salt);
    }
}
