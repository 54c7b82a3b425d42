namespace MediaNode.Core.Srtp;

/// <summary>DTLS-SRTP protection profiles, with their IANA numbers (RFC 5764 section 4.1.2, RFC 7714 section 14.2).</summary>
public enum SrtpProfile
{
    None = 0,
#pragma warning disable CA1707 // the RFC's name: SHA-1 with an 80-bit tag, not "SHA180"
    Aes128CmHmacSha1_80 = 1,
#pragma warning restore CA1707
    AeadAes128Gcm = 7,
    AeadAes256Gcm = 8,
}
