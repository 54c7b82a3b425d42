using System.Buffers.Binary;
using MediaNode.Core.Ice;
using MediaNode.Core.Net;

namespace MediaNode.Core.Forwarding;

/// <summary>Finds a peer by its id, by the username fragment that a check names, and by an address that passed a check.</summary>
internal sealed class PeerTable(ulong seed)
{
    private readonly Dictionary<ulong, Peer> _byId = [];
    private readonly Dictionary<ulong, Peer> _byUfrag = [];
    private readonly AddressTable<Peer> _byAddress = new(seed);
    private readonly AddressTable<Peer> _claims = new(seed);

    public int Count => _byId.Count;

    public bool TryAdd(Peer peer) => _byId.TryAdd(peer.Id, peer) && _byUfrag.TryAdd(Key(peer.Ice.LocalUfrag), peer);

    /// <summary>Ids of one room's peers, or of all.</summary>
    public IReadOnlyList<ulong> List(string? roomId) =>
        roomId is null ? [.. _byId.Keys] : [.. _byId.Values.Where(peer => peer.Room.Id == roomId).Select(peer => peer.Id)];

    public Peer? ById(ulong id) => _byId.GetValueOrDefault(id);

    public Peer? ByAddress(in TransportAddress address) => _byAddress.Find(address);

    /// <param name="username">USERNAME of a check: "our ufrag:their ufrag".</param>
    public Peer? ByUsername(ReadOnlySpan<byte> username) =>
        username.Length > IceLiteAgent.UfragLength && username[IceLiteAgent.UfragLength] == ':'
            ? _byUfrag.GetValueOrDefault(BinaryPrimitives.ReadUInt64LittleEndian(username))
            : null;

    /// <summary>Who says to be where another peer is, and has been asked to prove it.</summary>
    public Peer? ClaimantOf(in TransportAddress address) => _claims.Find(address);

    /// <summary>An address belongs to the last peer that proved itself from it: a browser may reuse a port for its next connection.</summary>
    public void Bind(in TransportAddress address, Peer peer)
    {
        _claims.Remove(address, peer);
        _byAddress.Set(address, peer);
    }

    public void Claim(in TransportAddress address, Peer peer) => _claims.Set(address, peer);

    public void Unbind(in TransportAddress address, Peer peer)
    {
        _claims.Remove(address, peer);
        _byAddress.Remove(address, peer);
    }

    /// <summary>Checks that name this username fragment of the peer are found.</summary>
    public void AddUfrag(string ufrag, Peer peer) => _byUfrag[Key(ufrag)] = peer;

    public void RemoveUfrag(string ufrag) => _byUfrag.Remove(Key(ufrag));

    public void Remove(Peer peer)
    {
        _byId.Remove(peer.Id);
        _byUfrag.Remove(Key(peer.Ice.LocalUfrag));
        if (peer.Ice.FormerUfrag is { } former)
            RemoveUfrag(former);
        for (var i = 0; i < peer.Ice.AddressCount; i++)
            Unbind(peer.Ice.Address(i), peer);
    }

    /// <summary>A username fragment is 8 ASCII characters: one machine word.</summary>
    private static ulong Key(string ufrag)
    {
        Span<byte> bytes = stackalloc byte[IceLiteAgent.UfragLength];
        System.Text.Encoding.ASCII.GetBytes(ufrag, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
