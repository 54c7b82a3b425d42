namespace MediaNode.Core.Dtls;

/// <summary>Which side sends the ClientHello (RFC 8842 section 5.3): Client is "active" in SDP, Server "passive".</summary>
public enum DtlsRole
{
    Client,
    Server,
}
