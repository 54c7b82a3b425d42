using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Congestion;

/// <summary>
/// What was sent to one receiver under which transport-wide sequence number, until the receiver told of it. Sending costs one write into a ring;
/// feedback on packets that were never sent, were told of already, or have left the ring matches nothing.
/// </summary>
internal sealed class SentPacketLog
{
    /// <summary>Half a second of one stream's 250 packets a second, in 2 KiB: a room of twelve has 132 of these. A longer way grows it.</summary>
    public const int InitialCapacity = 128;

    /// <summary>A second of 100 Mbit/s in full packets. Powers of two, both.</summary>
    public const int MaximumCapacity = 8192;

    /// <summary>One cycle up, so that feedback on numbers from before the first one does not fall below zero.</summary>
    private const ulong FirstSequence = 0x1_0000;

    private Entry[] _entries = new Entry[InitialCapacity];
    private ulong _next = FirstSequence;

    /// <summary>The number that the next packet has to carry.</summary>
    public ushort NextSequenceNumber => (ushort)_next;

    /// <summary>When the first packet left since feedback came last; never while none has.</summary>
    public Instant UnansweredSince { get; private set; } = Instant.Never;

    /// <summary>Notes that <see cref="NextSequenceNumber"/> was sent.</summary>
    /// <param name="bytes">Of the datagram.</param>
    /// <param name="probe">The probe that the packet belongs to; 0 for none.</param>
    public void Add(Instant now, int bytes, byte probe)
    {
        ref var entry = ref _entries[(int)_next & (_entries.Length - 1)];
        entry.SentAt = now.Nanoseconds;
        entry.Sequence = (uint)_next;
        entry.Bytes = (ushort)bytes;
        entry.Probe = probe;
        entry.State = State.InFlight;
        UnansweredSince = Instant.Min(UnansweredSince, now);
        _next++;
    }

    /// <summary>What is on its way says nothing any more: it went by another path. Numbers go on.</summary>
    public void Forget()
    {
        Array.Clear(_entries);
        UnansweredSince = Instant.Never;
    }

    /// <summary>Feedback on some of it came.</summary>
    public void HandleAnswered() => UnansweredSince = Instant.Never;

    /// <summary>Looks up what a feedback message tells of.</summary>
    /// <param name="told">Consecutive sequence numbers, times by the receiver's clock.</param>
    /// <param name="acknowledged">Receives the packets that are news, in order of their numbers; at least as long as <paramref name="told"/>.</param>
    public FeedbackOutcome Match(ReadOnlySpan<PacketArrival> told, Span<AcknowledgedPacket> acknowledged)
    {
        var outcome = new FeedbackOutcome();
        if (told.IsEmpty || _next == FirstSequence)
            return outcome;
        // The newest number at or below the last one sent with these 16 bits; a number ahead of it was never sent, and shows as one a cycle old.
        var newest = new ExtendedSequenceNumber((long)_next - 1);
        var mayGrow = false;
        foreach (ref readonly var arrival in told)
        {
            var sequence = newest.Unwrap(arrival.SequenceNumber);
            ref var entry = ref _entries[(int)sequence.Value & (_entries.Length - 1)];
            if (entry.State == State.Unused || entry.Sequence != (uint)sequence.Value)
            {
                mayGrow |= sequence < newest && newest - sequence >= _entries.Length;
                continue;
            }
            if (entry.State == State.Received || (entry.State == State.Lost && !arrival.IsReceived))
                continue;
            if (entry.State == State.InFlight)
                outcome.Note(entry);
            if (!arrival.IsReceived)
            {
                entry.State = State.Lost;
                outcome.Lost++;
                continue;
            }
            var isRecovered = entry.State == State.Lost;
            entry.State = State.Received;
            acknowledged[outcome.Acknowledged++] = new(new(entry.SentAt), arrival.Time, entry.Bytes, entry.Probe, isRecovered, entry.Sequence);
        }
        if (mayGrow || newest.Value - newest.Unwrap(told[0].SequenceNumber).Value > _entries.Length * 3 / 4)
            Grow();
        return outcome;
    }

    /// <summary>Feedback reaches back further than the ring: a fast or a distant receiver. A few times in a session at most.</summary>
    private void Grow()
    {
        if (_entries.Length == MaximumCapacity)
            return;
        var grown = new Entry[_entries.Length * 2];
        foreach (var entry in _entries)
        {
            if (entry.State != State.Unused)
                grown[(int)entry.Sequence & (grown.Length - 1)] = entry;
        }
        _entries = grown;
    }

    internal enum State : byte
    {
        Unused,
        InFlight,
        Lost,
        Received,
    }

    /// <summary>16 bytes: four to a cache line.</summary>
    internal struct Entry
    {
        public long SentAt;
        public uint Sequence;
        public ushort Bytes;
        public byte Probe;
        public State State;
    }
}

/// <summary>A packet that the receiver got.</summary>
/// <param name="SentAt">By our clock.</param>
/// <param name="ArrivedAt">By the receiver's clock, whose zero is unknown.</param>
/// <param name="Bytes">Of the datagram.</param>
/// <param name="Probe">The probe it belongs to; 0 for none.</param>
/// <param name="IsRecovered">Had been told of as lost, and came after all.</param>
/// <param name="Sequence">Order in which they left; wraps around.</param>
internal readonly record struct AcknowledgedPacket(Instant SentAt, TimeSpan ArrivedAt, int Bytes, byte Probe, bool IsRecovered = false, uint Sequence = 0);

/// <summary>What one feedback message was about, as far as it was news.</summary>
internal struct FeedbackOutcome
{
    public int Acknowledged;

    /// <summary>Told of as not received, for the first time.</summary>
    public int Lost;

    /// <summary>Packets told of for the first time, received or not, and their bytes.</summary>
    public int Packets;

    public long Bytes;

    public Instant FirstSentAt;

    public Instant LastSentAt;

    internal void Note(in SentPacketLog.Entry entry)
    {
        if (Packets == 0 || entry.SentAt < FirstSentAt.Nanoseconds)
            FirstSentAt = new(entry.SentAt);
        if (Packets == 0 || entry.SentAt > LastSentAt.Nanoseconds)
            LastSentAt = new(entry.SentAt);
        Packets++;
        Bytes += entry.Bytes;
    }
}
