using MediaNode.Core.Dtls;

namespace MediaNode.Core.UnitTests.Dtls;

internal static class TestCertificates
{
    internal static readonly DtlsCertificate Client = DtlsCertificate.CreateSelfSigned();
    internal static readonly DtlsCertificate Server = DtlsCertificate.CreateSelfSigned();

    internal static DtlsFingerprint Fingerprint(DtlsCertificate certificate, string algorithm) =>
        new(algorithm, DtlsFingerprint.Format(CertificateDigest.Compute(certificate.Certificate, algorithm)));

    internal static DtlsFingerprint Fingerprint(DtlsCertificate certificate)
    {
        Assert.True(DtlsFingerprint.TryParse("sha-256 " + certificate.Sha256Fingerprint, out var fingerprint));
        return fingerprint;
    }
}
