using Microsoft.Win32.SafeHandles;

namespace MediaNode.Core.OpenSsl;

/// <summary>EVP_CIPHER_CTX: a keyed cipher.</summary>
internal sealed class CipherContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_CIPHER_CTX_free(handle); // also wipes the key schedule
        return true;
    }
}

/// <summary>HMAC_CTX: a keyed message authentication code.</summary>
internal sealed class HmacContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.HMAC_CTX_free(handle);
        return true;
    }
}

/// <summary>EVP_PKEY: a key pair.</summary>
internal sealed class PrivateKeyHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }
}

/// <summary>X509: a certificate.</summary>
internal sealed class CertificateHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibCrypto.X509_free(handle);
        return true;
    }
}

/// <summary>SSL_CTX. Reference counted by OpenSSL: connections made from it may outlive this handle.</summary>
internal sealed class SslContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_CTX_free(handle);
        return true;
    }
}

/// <summary>SSL: one connection, which owns its two memory BIOs.</summary>
internal sealed class SslHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle()
    {
        LibSsl.SSL_free(handle);
        return true;
    }
}
