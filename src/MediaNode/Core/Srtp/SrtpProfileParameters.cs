namespace MediaNode.Core.Srtp;

/// <summary>Lengths of a profile, in bytes.</summary>
internal static class SrtpProfileParameters
{
    internal const int HmacKeyBytes = 20;
    internal const int HmacTagBytes = 10;
    internal const int GcmTagBytes = 16;

    /// <summary>The E flag and the SRTCP index that close every SRTCP packet (RFC 3711 section 3.4).</summary>
    internal const int RtcpIndexBytes = 4;

    internal static bool IsAead(this SrtpProfile profile) => profile is SrtpProfile.AeadAes128Gcm or SrtpProfile.AeadAes256Gcm;

    internal static int KeyBytes(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.Aes128CmHmacSha1_80 or SrtpProfile.AeadAes128Gcm => 16,
        SrtpProfile.AeadAes256Gcm => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(profile), profile, "not an SRTP profile"),
    };

    internal static int SaltBytes(this SrtpProfile profile) => profile.IsAead() ? 12 : 14;

    internal static int TagBytes(this SrtpProfile profile) => profile.IsAead() ? GcmTagBytes : HmacTagBytes;
}
