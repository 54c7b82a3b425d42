using System.Runtime.CompilerServices;

namespace MediaNode.Core.Rtp;

/// <summary>Which outgoing id each incoming header-extension id gets; 0 drops it. Immutable, so packets of any thread may read it.</summary>
public sealed class HeaderExtensionMap
{
    /// <summary>Ids 1 to 14 are what the one-byte form can say (RFC 8285 section 4.2), and what SDP here negotiates.</summary>
    public const int MaximumId = 14;

    public static readonly HeaderExtensionMap DropAll = new(new Slots());

    private readonly Slots _slots;

    private HeaderExtensionMap(Slots slots) => _slots = slots;

    /// <summary>The outgoing id for <paramref name="incomingId"/>, 0 to drop.</summary>
    public byte this[byte incomingId] => incomingId > MaximumId ? (byte)0 : _slots[incomingId];

    public HeaderExtensionMap With(byte incomingId, byte outgoingId)
    {
        ArgumentOutOfRangeException.ThrowIfZero(incomingId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(incomingId, MaximumId);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(outgoingId, MaximumId);
        var slots = _slots;
        slots[incomingId] = outgoingId;
        return new HeaderExtensionMap(slots);
    }

    /// <summary>Maps by URI what both sides negotiated, without the extensions of one hop.</summary>
    public static HeaderExtensionMap Between(IReadOnlyDictionary<string, byte> incoming, IReadOnlyDictionary<string, byte> outgoing)
    {
        ArgumentNullException.ThrowIfNull(incoming);
        ArgumentNullException.ThrowIfNull(outgoing);
        var map = DropAll;
        foreach (var (uri, id) in incoming)
        {
            if (!HeaderExtensionUri.IsHopByHop(uri) && outgoing.TryGetValue(uri, out var outgoingId))
                map = map.With(id, outgoingId);
        }

        return map;
    }

    [InlineArray(MaximumId + 1)]
    private struct Slots
    {
        private byte _first;
    }
}
