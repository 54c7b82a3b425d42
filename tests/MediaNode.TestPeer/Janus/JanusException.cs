namespace MediaNode.TestPeer.Janus;

/// <summary>The other side refused, closed, or did not answer.</summary>
public sealed class JanusException(string message) : Exception(message);
