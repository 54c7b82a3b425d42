using System.Security.Cryptography;
using MediaNode.Core.Srtp;

namespace MediaNode.Core.Dtls;

/// <summary>SRTP master keys out of a DTLS connection (RFC 5764 section 4.2): client key, server key, client salt, server salt.</summary>
internal static class SrtpKeyExport
{
    private const string Label = "EXTRACTOR-dtls_srtp";

    internal static (SrtpReceiver Inbound, SrtpSender Outbound) Create(DtlsEngine engine, SrtpProfile profile, DtlsRole role)
    {
        var keyBytes = profile.KeyBytes();
        var saltBytes = profile.SaltBytes();
        Span<byte> material = stackalloc byte[2 * (keyBytes + saltBytes)];
        try
        {
            engine.Export(Label, material);
            var clientKey = material[..keyBytes];
            var serverKey = material.Slice(keyBytes, keyBytes);
            var clientSalt = material.Slice(2 * keyBytes, saltBytes);
            var serverSalt = material.Slice(2 * keyBytes + saltBytes, saltBytes);
            return role == DtlsRole.Client
                ? (new SrtpReceiver(profile, serverKey, serverSalt), new SrtpSender(profile, clientKey, clientSalt))
                : (new SrtpReceiver(profile, clientKey, clientSalt), new SrtpSender(profile, serverKey, serverSalt));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }
}
