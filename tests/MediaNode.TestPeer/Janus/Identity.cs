namespace MediaNode.TestPeer.Janus;

/// <summary>Who a participant is.</summary>
/// <param name="Token">Of a session of that user.</param>
public sealed record Identity(ulong UserId, string Name, string Token);

/// <summary>How a client subscribes.</summary>
public enum Dialect
{
    /// <summary>ptype "listener", as the ConnectyCube SDK says.</summary>
    Sdk,

    /// <summary>ptype "subscriber", as stock Janus 1.x clients say.</summary>
    Stock,
}
