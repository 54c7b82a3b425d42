using System.Security.Cryptography;
using MediaNode.Core.OpenSsl;

namespace MediaNode.Core.Dtls;

/// <summary>Digests of a certificate, and their comparison with the fingerprints of the SDP.</summary>
internal static unsafe class CertificateDigest
{
    internal static byte[] Compute(CertificateHandle certificate, string algorithm)
    {
        var digest = algorithm switch
        {
            "sha-256" => LibCrypto.EVP_sha256(),
            "sha-384" => LibCrypto.EVP_sha384(),
            "sha-512" => LibCrypto.EVP_sha512(),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "not a supported digest"),
        };
        var output = stackalloc byte[LibCrypto.MaxDigestBytes];
        uint length = 0;
        OpenSslException.ThrowIfNotOne(LibCrypto.X509_digest(certificate, digest, output, &length), nameof(LibCrypto.X509_digest));
        return new ReadOnlySpan<byte>(output, (int)length).ToArray();
    }

    /// <summary>Whether the certificate has one of the fingerprints. Each comparison takes the same time wherever the first difference lies.</summary>
    internal static bool MatchesAny(CertificateHandle certificate, IReadOnlyList<DtlsFingerprint> expected)
    {
        Span<byte> wanted = stackalloc byte[DtlsFingerprint.MaxDigestBytes];
        foreach (var fingerprint in expected)
        {
            if (fingerprint.TryGetDigest(wanted, out var length)
                && CryptographicOperations.FixedTimeEquals(wanted[..length], Compute(certificate, fingerprint.Algorithm.ToLowerInvariant())))
                return true;
        }

        return false;
    }
}
