using MediaNode.Core.Dtls;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.Forwarding;

/// <summary>What failures of the protocols below are called among the drops, and to the client's side.</summary>
internal static class FailureReasons
{
    public static DropReason ToDropReason(this SrtpFailure failure) => failure switch
    {
        SrtpFailure.AuthenticationFailed => DropReason.SrtpAuthentication,
        SrtpFailure.Replayed or SrtpFailure.Forgotten => DropReason.SrtpReplay,
        SrtpFailure.TooOld => DropReason.SrtpTooOld,
        SrtpFailure.TooManySources => DropReason.SrtpTooManySources,
        SrtpFailure.KeyExhausted => DropReason.SrtpKeyExhausted,
        SrtpFailure.NotEncrypted => DropReason.SrtpNotEncrypted,
        SrtpFailure.TooShort => DropReason.SrtpTooShort,
        _ => DropReason.SrtpBadHeader,
    };

    public static string ToCloseReason(this DtlsFailure failure) => failure switch
    {
        DtlsFailure.FingerprintMismatch => "fingerprint",
        DtlsFailure.WeakCertificate => "weak-certificate",
        DtlsFailure.Timeout => "dtls-timeout",
        DtlsFailure.Alert => "dtls-alert",
        _ => "dtls-error",
    };
}
