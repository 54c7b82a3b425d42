using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using MediaNode.Core.Dtls;
using MediaNode.Core.OpenSsl;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.UnitTests.Dtls;

/// <summary>Browsers make EC P-256 keys, other clients what their library makes. Kinds and sizes that a peer may come with, and those that are refused.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PeerKeyTests
{
    /// <summary>A peer that checks nothing, neither its own key nor ours.</summary>
    private const int NoSecurity = 0;

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("RSA-2048")]
    [InlineData("RSA-3072")]
    public void Client_with_a_sound_key_is_taken(string kind)
    {
        using var certificate = Certificate(kind);
        using var context = new DtlsContext(certificate, DtlsContext.DefaultSrtpProfiles, NoSecurity);
        using var pair = new DtlsPair(context, expectedByServer: [TestCertificates.Fingerprint(certificate)]);

        pair.Connect();

        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Server.Profile);
    }

    [Theory]
    [InlineData("P-256")]
    [InlineData("P-384")]
    [InlineData("RSA-2048")]
    public void Server_with_a_sound_key_is_taken(string kind)
    {
        using var certificate = Certificate(kind);
        using var context = new DtlsContext(certificate, DtlsContext.DefaultSrtpProfiles, NoSecurity);
        using var pair = new DtlsPair(serverContext: context, expectedByClient: [TestCertificates.Fingerprint(certificate)]);

        pair.Connect();

        Assert.Equal(SrtpProfile.AeadAes128Gcm, pair.Client.Profile);
    }

    [Theory]
    [InlineData("RSA-1024")]
    [InlineData("RSA-1536")]
    public void Client_with_a_key_that_can_be_broken_is_refused_though_its_fingerprint_is_right(string kind)
    {
        using var certificate = Certificate(kind);
        using var context = new DtlsContext(certificate, DtlsContext.DefaultSrtpProfiles, NoSecurity);
        using var pair = new DtlsPair(context, expectedByServer: [TestCertificates.Fingerprint(certificate)]);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        AssertRefused(pair.Server, DtlsFailure.WeakCertificate);
        AssertRefused(pair.Client, DtlsFailure.Alert);
    }

    /// <summary>Every WebRTC peer has P-256 (RFC 8827 section 6.5); of the others only those are taken that the hello names.</summary>
    [Fact]
    public void Client_with_a_key_on_a_curve_that_was_not_offered_is_refused()
    {
        using var certificate = Certificate("P-521");
        using var context = new DtlsContext(certificate, DtlsContext.DefaultSrtpProfiles, NoSecurity);
        using var pair = new DtlsPair(context, expectedByServer: [TestCertificates.Fingerprint(certificate)]);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        AssertRefused(pair.Server, DtlsFailure.HandshakeError);
        AssertRefused(pair.Client, DtlsFailure.Alert);
    }

    [Theory]
    [InlineData("RSA-1024")]
    public void Server_with_a_key_that_can_be_broken_is_refused_though_its_fingerprint_is_right(string kind)
    {
        using var certificate = Certificate(kind);
        using var context = new DtlsContext(certificate, DtlsContext.DefaultSrtpProfiles, NoSecurity);
        using var pair = new DtlsPair(serverContext: context, expectedByClient: [TestCertificates.Fingerprint(certificate)]);

        pair.Start();
        pair.Run(TimeSpan.FromSeconds(30));

        AssertRefused(pair.Client, DtlsFailure.WeakCertificate);
        AssertRefused(pair.Server, DtlsFailure.Alert);
    }

    private static void AssertRefused(DtlsTransport transport, DtlsFailure failure)
    {
        Assert.Equal((DtlsState.Failed, failure), (transport.State, transport.Failure));
        Assert.Throws<InvalidOperationException>(() => transport.CreateSrtp());
    }

    private static DtlsCertificate Certificate(string kind)
    {
        if (kind.StartsWith("RSA-", StringComparison.Ordinal))
        {
            using var rsa = new RSAOpenSsl(int.Parse(kind.AsSpan("RSA-".Length), System.Globalization.CultureInfo.InvariantCulture));
            using var key = rsa.DuplicateKeyHandle();
            return Certificate(key);
        }
        using var curve = new ECDsaOpenSsl(ECCurve.CreateFromFriendlyName("nist" + kind.Replace("-", "", StringComparison.Ordinal)));
        using var curveKey = curve.DuplicateKeyHandle();
        return Certificate(curveKey);
    }

    /// <summary>.NET's handle gives its reference away: the certificate frees the key.</summary>
    private static DtlsCertificate Certificate(SafeEvpPKeyHandle handle)
    {
        var key = new PrivateKeyHandle();
        Marshal.InitHandle(key, handle.DangerousGetHandle());
        handle.SetHandleAsInvalid();
        return DtlsCertificate.CreateSelfSigned(key);
    }
}
