using MediaNode.Core.Client;
using MediaNode.Core.Dtls;
using MediaNode.TestPeer;

namespace MediaNode.IntegrationTests.Fixtures;

/// <summary>A publisher that only ever makes an offer.</summary>
internal sealed class OfferingClient : IDisposable
{
    private readonly DtlsCertificate _certificate = DtlsCertificate.CreateSelfSigned();
    private readonly DtlsContext _dtls;
    private readonly RtcClient _client;

    public OfferingClient()
    {
        _dtls = new(_certificate);
        _client = new(_certificate, _dtls, new SeededEntropy(1), new(System.Net.IPAddress.Loopback, 9));
    }

    public string Offer => _client.CreateOffer(new(new(new(11), null), null, [], HasData: false, "cname", "stream"));

    public void Dispose()
    {
        _client.Dispose();
        _dtls.Dispose();
        _certificate.Dispose();
    }
}
