using MediaNode.Core.Forwarding.Layers;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Which incoming packet went out under which sequence number, for the last packets of one subscription. As large as its traffic needs: there is one for
/// each stream of each subscriber, and most streams are slow.
/// </summary>
internal sealed class SentPackets
{
    /// <summary>A second of Opus. Powers of two, both.</summary>
    private const int InitialCapacity = 64;

    /// <summary>Covers <see cref="PacketHistory.VideoBytes"/> of full packets several times over; and twice what may wait for its turn.</summary>
    private const int UsualCapacity = 512;
    private const int MaximumCapacity = 2048;

    /// <summary>A packet that is missed for longer is of no use to anybody.</summary>
    private const uint RetentionMilliseconds = 1000;

    /// <summary>A packet is sent again at most so often, and no sooner than this after the last time: a NACK storm must not amplify.</summary>
    private const int MaximumResends = 8;
    private const uint LeastMillisecondsBetweenResends = 5;

    private Entry[] _entries = new Entry[InitialCapacity];

    public void Add(byte encoding, ulong incoming, in Placement place, long nowMilliseconds, HopStamp stamp = default, bool namesMid = false)
    {
        ref var entry = ref Find(place.Outgoing);
        while (entry.IsWaiting
            ? _entries.Length < MaximumCapacity
            : entry.Outgoing != 0 && _entries.Length < UsualCapacity && (uint)nowMilliseconds - entry.SentMilliseconds < RetentionMilliseconds)
        {
            Grow();
            entry = ref Find(place.Outgoing);
        }
        entry = new()
        {
            Outgoing = place.Outgoing,
            Incoming = incoming,
            SentMilliseconds = (uint)nowMilliseconds,
            Encoding = encoding,
            TimestampOffset = place.TimestampOffset,
            Edit = place.Edit,
            Form = place.Form,
            Stamp = stamp,
            NamesMid = namesMid,
        };
    }

    /// <summary>The packet has its number, but has not left: until it has it cannot be asked for again.</summary>
    public void AddWaiting(byte encoding, ulong incoming, in Placement place, long nowMilliseconds)
    {
        Add(encoding, incoming, place, nowMilliseconds);
        Find(place.Outgoing).IsWaiting = true;
    }

    /// <summary>Where what left under a number is kept; something else may be there by now.</summary>
    public ref Entry Find(ulong outgoing) => ref _entries[outgoing & (ulong)(_entries.Length - 1)];

    /// <summary>Finds what was sent under a sequence number, and counts the resend.</summary>
    public bool TryTakeForResend(ushort sequenceNumber, ulong newest, long nowMilliseconds, out Entry found, out bool tooOften)
    {
        tooOften = false;
        // The number meant is the newest one, at or below what was sent last, with these low 16 bits.
        var outgoing = newest - (ushort)((ushort)newest - sequenceNumber);
        ref var entry = ref Find(outgoing);
        found = entry;
        if (entry.Outgoing != outgoing || outgoing == 0 || entry.IsWaiting)
            return false;
        if (entry.IsToBeRepaired || entry.Resends >= MaximumResends || (entry.Resends > 0 && (uint)nowMilliseconds - entry.SentMilliseconds < LeastMillisecondsBetweenResends))
        {
            tooOften = true;
            return false;
        }
        entry.Resends++;
        entry.SentMilliseconds = (uint)nowMilliseconds;
        return true;
    }

    private void Grow()
    {
        var before = _entries;
        _entries = new Entry[before.Length * 2];
        foreach (ref readonly var entry in before.AsSpan())
        {
            if (entry.Outgoing != 0)
                Find(entry.Outgoing) = entry;
        }
    }

    /// <summary>48 bytes.</summary>
    public struct Entry
    {
        public ulong Outgoing;
        public ulong Incoming;

        /// <summary>When it was sent last; modulo 2^32.</summary>
        public uint SentMilliseconds;
        public uint TimestampOffset;
        public HopStamp Stamp;
        public PacketEdit Edit;
        public SentForm Form;
        public bool NamesMid;
        public byte Encoding;
        public byte Resends;
        public bool IsWaiting;

        /// <summary>Was asked for again, and waits for its turn.</summary>
        public bool IsToBeRepaired;
    }
}

/// <summary>How the packet left, other than by its numbers.</summary>
internal enum SentForm : byte
{
    AsReceived,

    /// <summary>With the marker bit: the last packet of a picture whose higher spatial layers were left out.</summary>
    Marked,

    /// <summary>Without payload: it holds the number of a packet that was left out too late.</summary>
    Empty,

    /// <summary>Redundant audio under its own payload type (RFC 2198).</summary>
    Redundant,

    /// <summary>Of redundant audio the primary block alone, as plain audio.</summary>
    PrimaryBlock,
}
