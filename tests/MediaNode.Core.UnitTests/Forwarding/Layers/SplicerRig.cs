using System.Buffers.Binary;
using System.Collections.Immutable;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

/// <summary>What went out of a packet that was put into a <see cref="SplicerRig"/>.</summary>
internal sealed record Spliced(string Name, ulong Outgoing, uint Timestamp, bool IsMarked, bool IsEmpty, ushort? PictureId);

/// <summary>A track of one codec and one subscriber's splicer, without peers: packets in, placements out.</summary>
internal sealed class SplicerRig
{
    private const byte DescriptorId = 8;

    private readonly List<ulong> _sequences = [];

    public SplicerRig(Codec codec, int encodings = 1)
    {
        var parameters = new TrackParameters
        {
            Kind = MediaKind.Video,
            Codec = codec,
            ClockRate = 90_000,
            PayloadType = new(96),
            Extensions = codec == Codec.Av1 ? ImmutableDictionary<string, byte>.Empty.Add(HeaderExtensionUri.DependencyDescriptor, DescriptorId) : ImmutableDictionary<string, byte>.Empty,
            Encodings = encodings,
        };
        Track = new(null!, new("0"), parameters);
        for (var i = 0; i < encodings; i++)
            _sequences.Add(1000ul * (ulong)(i + 1));
        Splicer = new(Track, firstOutgoing: 0);
    }

    public PublishedTrack Track { get; }

    public StreamSplicer Splicer { get; }

    public List<Spliced> Sent { get; } = [];

    public Instant Now { get; set; } = Instant.FromSeconds(1);

    public IEnumerable<string> Names => Sent.Select(sent => sent.Name);

    public void Want(byte spatial, byte temporal) => Splicer.Selector.Wish = new(spatial, temporal);

    /// <summary>A packet that the network lost for good.</summary>
    public void Lose(int encoding = 0) => _sequences[encoding]++;

    /// <param name="name">To find it again.</param>
    /// <param name="payload">Begins with the codec's descriptor.</param>
    /// <param name="timestamp">RTP timestamp.</param>
    /// <param name="marker">Last packet of the picture.</param>
    /// <param name="descriptor">Dependency descriptor.</param>
    /// <param name="begin">Change to the packet's encoding.</param>
    public void Put(string name, byte[] payload, uint timestamp, bool marker = false, byte[]? descriptor = null, int encoding = 0, bool begin = false) =>
        PutAs(_sequences[encoding]++, name, payload, timestamp, marker, descriptor, encoding, begin);

    /// <summary>The same with a number of its own: a packet that comes late.</summary>
    public void PutAs(ulong sequence, string name, byte[] payload, uint timestamp, bool marker = false, byte[]? descriptor = null, int encoding = 0, bool begin = false)
    {
        var bytes = Packet(sequence, payload, timestamp, marker, descriptor);
        Assert.True(RtpPacketView.TryParse(bytes, out var packet, out _));
        var source = Track.Encodings[encoding];
        var layer = PacketLayerReader.Read(source, packet);
        Track.Layers.HandlePacket(source, layer, packet, Now);
        if (begin || Splicer.Current is null)
            Splicer.Begin(source, timestamp, layer, sequence, Now);
        if (!Splicer.TryPlace(source, packet, layer, sequence, Now, out var place))
            return;
        var id = place.Edit.Codec != Codec.None ? place.Edit.PictureId : layer.Is(PacketMarks.HasPictureId) ? layer.PictureId : (ushort?)null;
        Sent.Add(new(name, place.Outgoing, timestamp + place.TimestampOffset, marker || place.Form == SentForm.Marked, place.Form == SentForm.Empty, id));
    }

    private static byte[] Packet(ulong sequence, byte[] payload, uint timestamp, bool marker, byte[]? descriptor)
    {
        var header = new byte[12];
        header[0] = (byte)(descriptor is null ? 0x80 : 0x90);
        header[1] = (byte)((marker ? 0x80 : 0) | 96);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)sequence);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), timestamp);
        if (descriptor is null)
            return [.. header, .. payload];
        // The two-byte form: a descriptor with its structure is too long for the other.
        var words = (descriptor.Length + 2 + 3) / 4;
        byte[] extension = [0x10, 0, 0, (byte)words, DescriptorId, (byte)descriptor.Length, .. descriptor, .. new byte[words * 4 - descriptor.Length - 2]];
        return [.. header, .. extension, .. payload];
    }
}
