using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>What a client offers to publish: opus and VP8. A null source leaves the m-line out.</summary>
/// <param name="VideoRids">Simulcast encodings, announced by rid; empty for one encoding announced by <paramref name="Video"/>.</param>
public sealed record ClientMedia(SourcePair? Audio, SourcePair? Video, ImmutableArray<Rid> VideoRids, bool HasData, string Cname, string StreamId);
