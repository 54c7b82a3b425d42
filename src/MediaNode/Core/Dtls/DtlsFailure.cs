namespace MediaNode.Core.Dtls;

/// <summary>Why a transport is in <see cref="DtlsState.Failed"/>.</summary>
public enum DtlsFailure
{
    None = 0,
    FingerprintMismatch,

    /// <summary>The key of the peer's certificate is too short to trust its signature.</summary>
    WeakCertificate,
    HandshakeError,
    Timeout,

    /// <summary>The peer sent a fatal alert.</summary>
    Alert,
    NoSrtpProfile,
    TooManyDatagrams,
}
