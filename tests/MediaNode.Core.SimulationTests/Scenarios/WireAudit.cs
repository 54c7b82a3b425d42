using System.Buffers.Binary;
using System.IO.Hashing;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>
/// Looks at every datagram that the node sends, before the network does anything to it. What must hold of SRTP whatever happens: one index of one source never
/// protects two different packets, RTCP's indexes rise, and nothing is longer than a path carries.
/// </summary>
internal sealed class WireAudit
{
    /// <summary>SRTCP ends with its index when the cipher is GCM (RFC 7714 section 9.2).</summary>
    private const int ControlIndexBytes = 4;

    private readonly Dictionary<TransportAddress, ClientAudit> _clients = [];

    public long Datagrams { get; private set; }

    /// <summary>From now on the client is reached there as well; what is on its way to the former address still counts.</summary>
    public void Know(TransportAddress address, RtcClient client)
    {
        var known = _clients.Values.FirstOrDefault(audit => audit.Client == client);
        _clients[address] = known ?? new(client);
    }

    public SentSource? Find(RtcClient client, Ssrc ssrc) =>
        _clients.Values.First(audit => audit.Client == client).Sources.GetValueOrDefault(ssrc);

    public void Look(TransportAddress to, byte[] datagram)
    {
        Datagrams++;
        Assert.InRange(datagram.Length, 1, TransmitBatch.MaximumDatagram);
        Assert.True(_clients.TryGetValue(to, out var client), $"a datagram to {to}, where nobody is");
        switch (DatagramDemux.Classify(datagram))
        {
            case PacketKind.Rtp:
                LookAtMedia(client, datagram);
                break;
            case PacketKind.Rtcp:
                LookAtControl(client, datagram);
                break;
            case PacketKind.Unknown:
                Assert.Fail($"the node sent {Convert.ToHexString(datagram)}, which is no protocol of ours");
                break;
        }
    }

    private static void LookAtMedia(ClientAudit client, byte[] datagram)
    {
        var ssrc = new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(8)));
        if (!client.Sources.TryGetValue(ssrc, out var source))
            client.Sources.Add(ssrc, source = new());
        source.Note(BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(2)), datagram);
    }

    private static void LookAtControl(ClientAudit client, byte[] datagram)
    {
        var index = BinaryPrimitives.ReadUInt32BigEndian(datagram.AsSpan(datagram.Length - ControlIndexBytes));
        Assert.True(index > client.LastControlIndex, $"RTCP index {index} after {client.LastControlIndex}");
        client.LastControlIndex = index;
    }

    private sealed class ClientAudit(RtcClient client)
    {
        public RtcClient Client { get; } = client;

        public Dictionary<Ssrc, SentSource> Sources { get; } = [];

        public uint LastControlIndex { get; set; }
    }

    /// <summary>What went out under one SSRC to one client.</summary>
    internal sealed class SentSource
    {
        private readonly Dictionary<long, ulong> _hashes = [];
        private ExtendedSequenceNumber? _highest;
        private long _first;

        /// <summary>Datagrams that went out a second time, byte by byte the same.</summary>
        public int Repeated { get; private set; }

        /// <summary>Numbers between the first and the last that never went out.</summary>
        public long Gaps => _highest is null ? 0 : _highest.Value.Value - _first + 1 - _hashes.Count;

        public int Count => _hashes.Count;

        public void Note(ushort sequenceNumber, byte[] datagram)
        {
            var number = _highest?.Unwrap(sequenceNumber) ?? new(0x1_0000 + sequenceNumber);
            if (_highest is null)
                _first = number.Value;
            if (_highest is null || number > _highest)
                _highest = number;
            _first = Math.Min(_first, number.Value);
            var hash = XxHash3.HashToUInt64(datagram);
            if (_hashes.TryAdd(number.Value, hash))
                return;
            Assert.True(_hashes[number.Value] == hash, $"index {number.Value} of a source protects two different packets");
            Repeated++;
        }
    }
}
