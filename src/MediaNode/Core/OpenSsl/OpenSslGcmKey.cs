using MediaNode.Core.Srtp;

namespace MediaNode.Core.OpenSsl;

/// <summary>AES-GCM by OpenSSL's EVP interface. The key is scheduled once; a packet only sets the IV.</summary>
internal sealed unsafe class OpenSslGcmKey : GcmKey
{
    private const int KeepDirection = -1;

    private readonly CipherContextHandle _context;
    private readonly nint _native;

    internal OpenSslGcmKey(ReadOnlySpan<byte> key, bool encrypt)
    {
        _context = OpenSslException.ThrowIfInvalid(LibCrypto.EVP_CIPHER_CTX_new(), nameof(LibCrypto.EVP_CIPHER_CTX_new));
        _native = _context.DangerousGetHandle();
        var cipher = key.Length == 32 ? LibCrypto.EVP_aes_256_gcm() : LibCrypto.EVP_aes_128_gcm();
        fixed (byte* keyPointer = key)
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherInit_ex(_native, cipher, 0, keyPointer, null, encrypt ? 1 : 0), nameof(LibCrypto.EVP_CipherInit_ex));
    }

    internal override void Seal(byte* iv, byte* additional, int additionalLength, byte* input, int length, byte* output)
    {
        Begin(iv, additional, additionalLength);
        int written;
        if (length > 0)
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(_native, output, &written, input, length), nameof(LibCrypto.EVP_CipherUpdate));
        var tag = output + length;
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherFinal_ex(_native, tag, &written), nameof(LibCrypto.EVP_CipherFinal_ex));
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CIPHER_CTX_ctrl(_native, LibCrypto.GcmGetTag, TagBytes, tag), nameof(LibCrypto.EVP_CIPHER_CTX_ctrl));
        GC.KeepAlive(_context);
    }

    internal override bool TryOpen(byte* iv, byte* additional, int additionalLength, byte* data, int length, byte* tag)
    {
        Begin(iv, additional, additionalLength);
        int written;
        if (length > 0)
            OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(_native, data, &written, data, length), nameof(LibCrypto.EVP_CipherUpdate));
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CIPHER_CTX_ctrl(_native, LibCrypto.GcmSetTag, TagBytes, tag), nameof(LibCrypto.EVP_CIPHER_CTX_ctrl));
        byte none;
        var result = LibCrypto.EVP_CipherFinal_ex(_native, &none, &written);
        GC.KeepAlive(_context);
        return result == 1;
    }

    public override void Dispose() => _context.Dispose();

    private void Begin(byte* iv, byte* additional, int additionalLength)
    {
        ObjectDisposedException.ThrowIf(_context.IsClosed, this);
        int written;
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherInit_ex(_native, 0, 0, null, iv, KeepDirection), nameof(LibCrypto.EVP_CipherInit_ex));
        OpenSslException.ThrowIfNotOne(LibCrypto.EVP_CipherUpdate(_native, null, &written, additional, additionalLength), nameof(LibCrypto.EVP_CipherUpdate));
    }
}
