using System.Collections.Immutable;
using System.Net;
using MediaNode.Core.Dtls;

namespace MediaNode.Core.Sdp;

/// <summary>What this side says of its transport in every description.</summary>
/// <param name="Sha256Fingerprint">Hex pairs with colons, upper case, without the hash function's name.</param>
/// <param name="Candidates">The host candidates for UDP, the most preferred first.</param>
public sealed record LocalTransport(string IceUfrag, string IcePassword, string Sha256Fingerprint, ImmutableArray<IPEndPoint> Candidates, bool IsIceLite)
{
    /// <summary>Where TCP connections are taken (RFC 6544, passive), the most preferred first.</summary>
    public ImmutableArray<IPEndPoint> TcpCandidates { get; init; } = [];
}

/// <summary>What the other side said of its transport.</summary>
/// <param name="Fingerprints">Those whose hash function is supported; a certificate must match one.</param>
public sealed record RemoteTransport(string IceUfrag, string IcePassword, ImmutableArray<DtlsFingerprint> Fingerprints, ImmutableArray<IceCandidate> Candidates, bool IsIceLite)
{
    /// <summary>RTCP packets may come alone (RFC 5506): every m-line that is used says so, as those of a bundle should (RFC 8859 section 5.8).</summary>
    public bool HasReducedSizeRtcp { get; init; }
}
