using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>RFC 8866 section 6.7.</summary>
public enum MediaDirection
{
    Inactive = 0,
    SendOnly = 1,
    ReceiveOnly = 2,
    SendReceive = 3,
}

/// <summary>Who starts the DTLS handshake (RFC 8842 section 5).</summary>
public enum DtlsSetup
{
    ActPass = 0,
    Active,
    Passive,
    HoldConnection,
}

/// <summary>One payload type of an m-line: a=rtpmap, a=fmtp and a=rtcp-fb together.</summary>
/// <param name="Channels">Audio channels; 1 when not given.</param>
/// <param name="Parameters">The text of a=fmtp; empty when there is none.</param>
/// <param name="Feedback">The a=rtcp-fb values, those for "*" included.</param>
public sealed record PayloadFormat(PayloadType PayloadType, string Name, int ClockRate, int Channels, string Parameters, ImmutableArray<string> Feedback)
{
    public bool IsNamed(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>a=extmap (RFC 8285 section 5).</summary>
/// <param name="Direction">Null when not given.</param>
public sealed record HeaderExtension(byte Id, string Uri, MediaDirection? Direction = null);

/// <summary>The a=ssrc lines of one source (RFC 5576 section 4.1).</summary>
public sealed record MediaSource(Ssrc Ssrc, string? Cname = null, string? StreamId = null);

/// <summary>a=ssrc-group (RFC 5576 section 4.2): "FID" pairs a source with its retransmissions, "SIM" lists simulcast layers.</summary>
public sealed record MediaSourceGroup(string Semantics, ImmutableArray<Ssrc> Sources);

/// <summary>a=rid (RFC 8851).</summary>
/// <param name="IsSend">Direction of the describer.</param>
/// <param name="Restrictions">The text behind the direction; empty when there is none.</param>
public sealed record RidDescription(Rid Rid, bool IsSend, string Restrictions = "");

/// <summary>a=simulcast (RFC 8853): the alternatives of a stream are flattened, a leading ~ (paused) is dropped.</summary>
public sealed record SimulcastDescription(ImmutableArray<Rid> Send, ImmutableArray<Rid> Receive);

/// <summary>a=msid (RFC 8830).</summary>
/// <param name="Stream">Names the MediaStream; "-" for none.</param>
public sealed record MediaStreamId(string Stream, string? Track);
