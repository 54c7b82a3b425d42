using System.Runtime.InteropServices;
using MediaNode.Core.Net;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Handshakes that have begun and not ended, by where they come from. Each costs a signature and the memory of an OpenSSL connection, and
/// one that is never finished holds that for <see cref="Dtls.DtlsTransport.HandshakeLimit"/>.
/// </summary>
internal sealed class HandshakesInProgress
{
    /// <summary>
    /// From one IPv4 address or /64 of IPv6: a lecture hall of 250 behind one NAT that enters in the same moment, with four peers each. A handshake takes a
    /// few round trips, so far more people than that may sit behind one address; and a fifth of a node's peers is the most that one address can keep from others.
    /// </summary>
    public const int MaximumPerOrigin = 1024;

    private readonly Dictionary<TransportAddress, int> _counts = [];

    /// <returns>False when there are too many already; the client tries again by itself.</returns>
    public bool TryBegin(in TransportAddress origin)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, origin, out _);
        if (count == MaximumPerOrigin)
            return false;
        count++;
        return true;
    }

    public void End(in TransportAddress origin)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_counts, origin);
        if (--count == 0)
            _counts.Remove(origin);
    }
}
