using System.Security.Cryptography;

namespace MediaNode.Core.Srtp;

/// <summary>
/// The keyed ciphers of one direction, for RTP and for RTCP. Either the GCM pair or the counter mode pair is set, by the profile:
/// a null check per packet instead of a virtual call.
/// </summary>
internal sealed class SrtpCiphers : IDisposable
{
    internal readonly GcmPacketCipher? GcmRtp;
    internal readonly GcmPacketCipher? GcmRtcp;
    internal readonly CounterModePacketCipher? CounterModeRtp;
    internal readonly CounterModePacketCipher? CounterModeRtcp;

    internal SrtpCiphers(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, bool encrypt)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterKey.Length, profile.KeyBytes(), nameof(masterKey));
        ArgumentOutOfRangeException.ThrowIfNotEqual(masterSalt.Length, profile.SaltBytes(), nameof(masterSalt));

        Span<byte> key = stackalloc byte[masterKey.Length];
        Span<byte> salt = stackalloc byte[masterSalt.Length];
        Span<byte> authentication = stackalloc byte[SrtpProfileParameters.HmacKeyBytes];
        try
        {
            SrtpKeyDerivation.Derive(masterKey, masterSalt, SrtpKeyDerivation.RtpEncryption, key);
            SrtpKeyDerivation.Derive(masterKey, masterSalt, SrtpKeyDerivation.RtpSalt, salt);
            SrtpKeyDerivation.Derive(masterKey, masterSalt, SrtpKeyDerivation.RtpAuthentication, authentication);
            if (profile.IsAead())
                GcmRtp = new GcmPacketCipher(GcmKey.Create(key, encrypt), salt);
            else
                CounterModeRtp = new CounterModePacketCipher(key, salt, authentication);

            SrtpKeyDerivation.Derive(masterKey, masterSalt, SrtpKeyDerivation.RtcpEncryption, key);
            SrtpKeyDerivation.Derive(masterKey, masterSalt, SrtpKeyDerivation.RtcpSalt, salt);
            SrtpKeyDerivation.Derive(masterKey, masterSalt, SrtpKeyDerivation.RtcpAuthentication, authentication);
            if (profile.IsAead())
                GcmRtcp = new GcmPacketCipher(GcmKey.Create(key, encrypt), salt);
            else
                CounterModeRtcp = new CounterModePacketCipher(key, salt, authentication);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(salt);
            CryptographicOperations.ZeroMemory(authentication);
        }
    }

    public void Dispose()
    {
        GcmRtp?.Dispose();
        GcmRtcp?.Dispose();
        CounterModeRtp?.Dispose();
        CounterModeRtcp?.Dispose();
    }
}
