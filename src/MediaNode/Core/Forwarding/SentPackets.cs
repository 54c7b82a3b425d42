using MediaNode.Core.Forwarding.Layers;

namespace MediaNode.Core.Forwarding;

/// <summary>Which incoming packet went out under which sequence number, for the last packets of one subscription.</summary>
internal sealed class SentPackets
{
    /// <summary>Covers <see cref="PacketHistory.VideoBytes"/> of full packets several times over. A power of two.</summary>
    private const int Capacity = 512;

    /// <summary>A packet is sent again at most so often, and no sooner than this after the last time: a NACK storm must not amplify.</summary>
    private const int MaximumResends = 8;
    private const int LeastMillisecondsBetweenResends = 5;

    private readonly Entry[] _entries = new Entry[Capacity];

    public void Add(byte encoding, ulong incoming, in Placement place, HopStamp stamp = default, bool namesMid = false) => _entries[place.Outgoing & (Capacity - 1)] = new()
    {
        Outgoing = place.Outgoing,
        Incoming = incoming,
        Encoding = encoding,
        TimestampOffset = place.TimestampOffset,
        Edit = place.Edit,
        Form = place.Form,
        Stamp = stamp,
        NamesMid = namesMid,
    };

    /// <summary>The packet has its number, but has not left: until it has it cannot be asked for again.</summary>
    public void AddWaiting(byte encoding, ulong incoming, in Placement place)
    {
        Add(encoding, incoming, place);
        Find(place.Outgoing).IsWaiting = true;
    }

    /// <summary>Where what left under a number is kept; something else may be there by now.</summary>
    public ref Entry Find(ulong outgoing) => ref _entries[outgoing & (Capacity - 1)];

    /// <summary>Finds what was sent under a sequence number, and counts the resend.</summary>
    public bool TryTakeForResend(ushort sequenceNumber, ulong newest, long nowMilliseconds, out Entry found, out bool tooOften)
    {
        tooOften = false;
        // The number meant is the newest one, at or below what was sent last, with these low 16 bits.
        var outgoing = newest - (ushort)((ushort)newest - sequenceNumber);
        ref var entry = ref _entries[outgoing & (Capacity - 1)];
        found = entry;
        if (entry.Outgoing != outgoing || outgoing == 0 || entry.IsWaiting)
            return false;
        if (entry.Resends >= MaximumResends || (entry.Resends > 0 && nowMilliseconds - entry.LastResendMilliseconds < LeastMillisecondsBetweenResends))
        {
            tooOften = true;
            return false;
        }
        entry.Resends++;
        entry.LastResendMilliseconds = nowMilliseconds;
        return true;
    }

    public struct Entry
    {
        public ulong Outgoing;
        public ulong Incoming;
        public long LastResendMilliseconds;
        public uint TimestampOffset;
        public HopStamp Stamp;
        public PacketEdit Edit;
        public SentForm Form;
        public bool NamesMid;
        public byte Encoding;
        public byte Resends;
        public bool IsWaiting;
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
}
