using System.Collections.Immutable;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>What a client offers to publish: opus and VP8. A null source leaves the m-line out.</summary>
/// <param name="VideoRids">Simulcast encodings, announced by rid; empty for one encoding announced by <paramref name="Video"/>.</param>
public sealed record ClientMedia(SourcePair? Audio, SourcePair? Video, ImmutableArray<Rid> VideoRids, bool HasData, string Cname, string StreamId)
{
    /// <summary>Simulcast encodings announced as a group of sources (SIM), the smallest first, in place of rids.</summary>
    public ImmutableArray<SourcePair> VideoGroup { get; init; } = [];

    /// <summary>Redundant audio (RFC 2198) is offered too, and preferred to plain opus.</summary>
    public bool PrefersRedundancy { get; init; }
}

/// <summary>A client's offer, and what it proposes per m-line.</summary>
public sealed record ClientOffer(SessionDescription Description, ImmutableArray<NegotiatedMedia> Media);

/// <summary>A client's answer to a subscriber offer, and what it will receive.</summary>
public sealed record ClientAnswer(SessionDescription Description, RemoteTransport Remote, DtlsRole LocalRole, ImmutableArray<NegotiatedMedia> Media);
