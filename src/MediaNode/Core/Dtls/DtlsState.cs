namespace MediaNode.Core.Dtls;

public enum DtlsState
{
    Connecting,

    /// <summary>The handshake is done and the peer's certificate has an expected fingerprint.</summary>
    Connected,
    Failed,

    /// <summary>Closed by either side with close_notify.</summary>
    Closed,
}
