using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MediaNode.Core.Dtls;

namespace MediaNode.Core.Sdp;

/// <summary>ICE and DTLS of a description: one transport for all of it, read from the m-line that leads the bundle (RFC 9143 section 7.1).</summary>
internal static class TransportNegotiation
{
    /// <summary>SHA-1 and older ones are refused (RFC 8122 section 5 asks for SHA-256).</summary>
    public static readonly ImmutableArray<string> HashFunctions = ["sha-256", "sha-384", "sha-512"];

    /// <param name="owner">"offer" or "answer", for the failure.</param>
    public static bool TryRead(
        SessionDescription description, MediaDescription leading, string owner, [NotNullWhen(true)] out RemoteTransport? transport, [NotNullWhen(false)] out SdpFailure? failure)
    {
        transport = null;
        var supported = leading.Fingerprints.Where(fingerprint => HashFunctions.Contains(fingerprint.Algorithm)).ToImmutableArray();
        var rule = leading.IceUfrag is null ? $"{owner} has no a=ice-ufrag"
            : leading.IcePassword is null ? $"{owner} has no a=ice-pwd"
            : leading.Fingerprints.IsEmpty ? $"{owner} has no a=fingerprint"
            : supported.IsEmpty ? $"a=fingerprint: hash function \"{leading.Fingerprints[0].Algorithm}\" is not supported, {string.Join(", ", HashFunctions)} are"
            : null;
        failure = rule is null ? null : new SdpFailure(0, rule);
        if (failure is null)
        {
            transport = new RemoteTransport(leading.IceUfrag!, leading.IcePassword!, supported, leading.Candidates, description.IsIceLite)
            {
                HasReducedSizeRtcp = description.Media.All(media => media.HasReducedSizeRtcp || media.IsRejected || !media.IsRtp),
            };
        }
        return failure is null;
    }

    /// <summary>The role of an answerer (RFC 8842 section 5.3); null for an offer that cannot be answered.</summary>
    /// <param name="preferred">The choice where the offer leaves one.</param>
    public static DtlsRole? RoleOfAnswerer(DtlsSetup? offered, DtlsRole preferred) => offered switch
    {
        DtlsSetup.ActPass => preferred,
        DtlsSetup.Passive => DtlsRole.Client,
        // RFC 4145 section 4: "active" is what an offer without the attribute means.
        DtlsSetup.Active or null => DtlsRole.Server,
        _ => null,
    };

    /// <summary>The role of an offerer of "actpass"; null for an answer that does not decide.</summary>
    public static DtlsRole? RoleOfOfferer(DtlsSetup? answered) => answered switch
    {
        DtlsSetup.Active => DtlsRole.Server,
        DtlsSetup.Passive => DtlsRole.Client,
        _ => null,
    };

    public static MediaDescription WithTransport(this MediaDescription media, LocalTransport local, DtlsSetup setup) => media with
    {
        IceUfrag = local.IceUfrag,
        IcePassword = local.IcePassword,
        Fingerprints = [new DtlsFingerprint("sha-256", local.Sha256Fingerprint)],
        Setup = setup,
    };

    /// <summary>Candidates stand in the leading m-line only; the rest of the bundle shares them.</summary>
    public static MediaDescription WithCandidates(this MediaDescription media, LocalTransport local) => media with
    {
        Candidates = [.. local.Candidates.Select(IceCandidate.Host), .. local.TcpCandidates.Select(IceCandidate.PassiveTcp)],
        HasEndOfCandidates = true,
    };
}
