using MediaNode.Core.Dtls;

namespace MediaNode.Core.UnitTests.Dtls;

public sealed class DtlsFingerprintTests
{
    [Theory]
    [InlineData("sha-256", 32)]
    [InlineData("SHA-384", 48)]
    [InlineData("sha-512", 64)]
    public void Sha_2_is_parsed_in_either_case(string algorithm, int bytes)
    {
        var value = string.Join(':', Enumerable.Repeat("aB", bytes));

        Assert.True(DtlsFingerprint.TryParse($"{algorithm} {value}", out var fingerprint));

        Assert.Equal(algorithm.ToLowerInvariant(), fingerprint.Algorithm);
        Assert.Equal(value.ToUpperInvariant(), fingerprint.Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha-256")]
    [InlineData("sha-256 ")]
    [InlineData("sha-256 AB:CD")]
    [InlineData("sha-1 AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD")]
    [InlineData("md5 AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB")]
    [InlineData("sha-256 GG:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD")]
    [InlineData("sha-256 AB-CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD")]
    [InlineData("sha-256 AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EF:AB:CD:EE")]
    public void Anything_else_is_refused(string text)
    {
        Assert.False(DtlsFingerprint.TryParse(text, out _));
    }

    [Fact]
    public void Own_certificate_has_a_fingerprint_in_sdp_form_and_each_is_unique()
    {
        Assert.Matches("^([0-9A-F]{2}:){31}[0-9A-F]{2}$", TestCertificates.Server.Sha256Fingerprint);
        Assert.NotEqual(TestCertificates.Client.Sha256Fingerprint, TestCertificates.Server.Sha256Fingerprint);
    }
}
