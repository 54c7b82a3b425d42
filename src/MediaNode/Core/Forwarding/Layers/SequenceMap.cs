namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Outgoing sequence numbers of one subscription. Packets that are left out on purpose take no number, so that the subscriber sees no gap; a packet that is
/// lost on the way in keeps its number, so that the subscriber asks for it. No number is given away twice: SRTP's index depends on it.
/// </summary>
internal sealed class SequenceMap(ulong firstOutgoing)
{
    /// <summary>
    /// Runs of numbers remembered; each left-out picture begins a new one. At 30 pictures a second with every other one left out these are two seconds, more than a
    /// retransmission can take. A power of two.
    /// </summary>
    private const int Capacity = 32;

    /// <summary>Numbers below the highest that a late packet may still have: a second of video at 10 Mbit/s. A power of two.</summary>
    private const int Window = 1024;

    private readonly Run[] _runs = new Run[Capacity];
    private readonly ulong[] _given = new ulong[Window / 64];
    private int _newest;

    /// <summary>Highest number of the current encoding that was forwarded or left out.</summary>
    public ulong HighestIncoming { get; private set; }

    /// <summary>Highest number given away: the newest packet's, or that of a missing one before it.</summary>
    public ulong HighestOutgoing { get; private set; } = firstOutgoing;

    /// <summary>Another encoding begins, or the same one again after a pause: its packet gets the next number.</summary>
    public void Begin(byte encoding, ulong incoming)
    {
        _runs[_newest].End = _runs[_newest].End == 0 ? 0 : HighestIncoming + 1;
        Open(incoming, HighestOutgoing + 1 - incoming, encoding);
        HighestIncoming = incoming - 1;
    }

    /// <summary>Gives a packet of the current encoding its number, be it the newest or a late one.</summary>
    /// <returns>False when the number was given away or left out, or is too old.</returns>
    public bool TryForward(ulong incoming, out ulong outgoing)
    {
        ref readonly var run = ref _runs[_newest];
        if (incoming < run.First)
            return TryForwardLate(run.Encoding, incoming, out outgoing);
        outgoing = incoming + run.Offset;
        if (incoming > HighestIncoming)
        {
            HighestIncoming = incoming;
            Advance(outgoing);
        }
        return TryGive(outgoing);
    }

    /// <summary>The same for a packet of an encoding that may have been left meanwhile.</summary>
    public bool TryForwardLate(byte encoding, ulong incoming, out ulong outgoing)
    {
        for (var back = 0; back < Capacity; back++)
        {
            ref readonly var run = ref _runs[(_newest - back) & (Capacity - 1)];
            if (run.Encoding != encoding || incoming < run.First || incoming >= run.End)
                continue;
            outgoing = incoming + run.Offset;
            return TryGive(outgoing);
        }
        outgoing = 0;
        return false;
    }

    /// <summary>Leaves out a packet that is newer than all before.</summary>
    /// <param name="incoming">Its number.</param>
    /// <param name="withGap">What is missing between the newest one so far and this one belongs to what is left out.</param>
    public void Skip(ulong incoming, bool withGap)
    {
        ref var run = ref _runs[_newest];
        var from = withGap ? HighestIncoming + 1 : incoming;
        var skipped = incoming + 1 - from;
        Advance(from - 1 + run.Offset);
        HighestIncoming = incoming;
        if (run.First == from)
        {
            run.First = incoming + 1;
            run.Offset -= skipped;
            return;
        }
        run.End = from;
        Open(incoming + 1, run.Offset - skipped, run.Encoding);
    }

    private void Open(ulong first, ulong offset, byte encoding)
    {
        _newest = (_newest + 1) & (Capacity - 1);
        _runs[_newest] = new() { First = first, End = ulong.MaxValue, Offset = offset, Encoding = encoding };
    }

    private void Advance(ulong outgoing)
    {
        if (outgoing - HighestOutgoing >= Window)
            Array.Clear(_given);
        else
            for (var number = HighestOutgoing + 1; number <= outgoing; number++)
                _given[(number & (Window - 1)) >> 6] &= ~(1UL << (int)(number & 63));
        HighestOutgoing = outgoing;
    }

    private bool TryGive(ulong outgoing)
    {
        ref var word = ref _given[(outgoing & (Window - 1)) >> 6];
        var bit = 1UL << (int)(outgoing & 63);
        if (outgoing + Window <= HighestOutgoing || (word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }

    /// <summary>Incoming numbers from First to before End, and what to add to them; wraps around like the sum.</summary>
    private struct Run
    {
        public ulong First;
        public ulong End;
        public ulong Offset;
        public byte Encoding;
    }
}
