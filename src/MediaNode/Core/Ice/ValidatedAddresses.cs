using System.Runtime.InteropServices;
using MediaNode.Core.Net;
using MediaNode.Core.Time;

namespace MediaNode.Core.Ice;

/// <summary>The addresses from which a peer has proved itself by a check, and when it last did.</summary>
internal sealed class ValidatedAddresses
{
    /// <summary>Addresses one peer may have at once: its own interfaces and their reflections.</summary>
    public const int Maximum = 16;

    private readonly List<Entry> _entries = new(2);

    public int Count => _entries.Count;

    public TransportAddress this[int index] => _entries[index].Address;

    public bool Contains(in TransportAddress address) => IndexOf(address) >= 0;

    /// <summary>When the last check came from there; null for an address that is not held.</summary>
    public Instant? LastCheck(in TransportAddress address) => IndexOf(address) is >= 0 and var index ? _entries[index].LastCheck : null;

    /// <summary>The credentials that the last check from there was made with; null for an address that is not held.</summary>
    public IceCredentials? CredentialsOf(in TransportAddress address) => IndexOf(address) is >= 0 and var index ? _entries[index].Credentials : null;

    /// <summary>When an answer last came from there; null when none did.</summary>
    public Instant? ProvenAt(in TransportAddress address) => IndexOf(address) is >= 0 and var index ? _entries[index].ProvenAt : null;

    public void NoteProof(in TransportAddress address, Instant now)
    {
        if (IndexOf(address) is >= 0 and var index)
            CollectionsMarshal.AsSpan(_entries)[index] = _entries[index] with { ProvenAt = now };
    }

    /// <summary>Notes a check. A new address takes the place of the one that has been silent longest, when there are too many.</summary>
    /// <param name="address">Where it came from.</param>
    /// <param name="credentials">What it was made with.</param>
    /// <param name="inUse">Never gives way.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="evicted">What had to give way.</param>
    /// <returns>True when the address is new.</returns>
    public bool Note(in TransportAddress address, IceCredentials credentials, in TransportAddress? inUse, Instant now, out TransportAddress? evicted)
    {
        evicted = null;
        var index = IndexOf(address);
        if (index >= 0)
        {
            CollectionsMarshal.AsSpan(_entries)[index] = _entries[index] with { Credentials = credentials, LastCheck = now };
            return false;
        }
        if (_entries.Count == Maximum)
        {
            evicted = LongestSilent(inUse);
            Remove(evicted.Value);
        }
        _entries.Add(new(address, credentials, now, null));
        return true;
    }

    public void Remove(in TransportAddress address)
    {
        if (IndexOf(address) is >= 0 and var index)
            _entries.RemoveAt(index);
    }

    /// <summary>The address of the latest check; null when there is none.</summary>
    public TransportAddress? Liveliest()
    {
        Entry? best = null;
        foreach (var entry in _entries)
        {
            if (best is null || entry.LastCheck > best.Value.LastCheck)
                best = entry;
        }
        return best?.Address;
    }

    private TransportAddress LongestSilent(in TransportAddress? inUse)
    {
        Entry? worst = null;
        foreach (var entry in _entries)
        {
            if (entry.Address != inUse && (worst is null || entry.LastCheck < worst.Value.LastCheck))
                worst = entry;
        }
        return worst!.Value.Address;
    }

    private int IndexOf(in TransportAddress address)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (_entries[i].Address == address)
                return i;
        }
        return -1;
    }

    private readonly record struct Entry(TransportAddress Address, IceCredentials Credentials, Instant LastCheck, Instant? ProvenAt);
}
