using MediaNode.Core.Net;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Who owns an address: looked into for every datagram. Open addressing with linear probing, at most half full, so that a
/// lookup touches one cache line as a rule. Removal closes the gap, so the table never fills with graves.
/// </summary>
/// <param name="seed">Nobody outside knows which addresses fall together.</param>
internal sealed class AddressTable<T>(ulong seed)
    where T : class
{
    private const int FirstCapacity = 64;

    private Entry[] _entries = new Entry[FirstCapacity];

    public int Count { get; private set; }

    public T? Find(in TransportAddress address)
    {
        var entries = _entries;
        for (var at = Home(address, entries.Length); ; at = (at + 1) & (entries.Length - 1))
        {
            ref readonly var entry = ref entries[at];
            if (entry.Owner is null || entry.Address == address)
                return entry.Owner;
        }
    }

    public void Set(in TransportAddress address, T owner)
    {
        if (Count * 2 >= _entries.Length)
            Grow();
        ref var entry = ref _entries[Place(_entries, address)];
        if (entry.Owner is null)
            Count++;
        entry = new(address, owner);
    }

    /// <summary>Removes the address if it is this owner's.</summary>
    public void Remove(in TransportAddress address, T owner)
    {
        var gap = Place(_entries, address);
        if (_entries[gap].Owner != owner)
            return;
        Count--;
        var mask = _entries.Length - 1;
        for (var at = (gap + 1) & mask; _entries[at].Owner is not null; at = (at + 1) & mask)
        {
            // An entry may move back to the gap when its home does not lie behind it.
            var home = Home(_entries[at].Address, _entries.Length);
            if (((at - home) & mask) < ((at - gap) & mask))
                continue;
            _entries[gap] = _entries[at];
            gap = at;
        }
        _entries[gap] = default;
    }

    private void Grow()
    {
        var larger = new Entry[_entries.Length * 2];
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (entry.Owner is not null)
                larger[Place(larger, entry.Address)] = entry;
        }
        _entries = larger;
    }

    private int Place(Entry[] entries, in TransportAddress address)
    {
        var at = Home(address, entries.Length);
        while (entries[at].Owner is not null && entries[at].Address != address)
            at = (at + 1) & (entries.Length - 1);
        return at;
    }

    private int Home(in TransportAddress address, int capacity) => (int)(address.Mix(seed) >> 33) & (capacity - 1);

    private readonly record struct Entry(TransportAddress Address, T? Owner);
}
