namespace MediaNode.Core.Srtp;

/// <summary>
/// The sources (SSRCs) of one direction that have sent an authentic packet, each with its replay window. Bounded: see <see cref="Maximum"/>.
/// When all slots are taken, a new source takes the place of the longest silent one that nobody uses any more. Without its window nobody could tell
/// what that one sent from a replay of it, so it is refused from then on.
/// </summary>
internal sealed class SrtpSources
{
    /// <summary>A publisher with camera, screen and microphone, three layers and RTX each, has 14; the rest is for those it opened and closed before.</summary>
    internal const int OfOnePublisher = 64;

    /// <summary>Sources that gave way and are remembered: 1 KiB. They belong to the one peer that holds the key, so nobody else can push them out.</summary>
    internal const int MaxForgotten = 256;

    internal const int None = -1;

    private const int FirstCapacity = 4;

    // These grow together: most peers have few.
    private uint[] ssrcs = new uint[FirstCapacity];
    private ulong[] lastAccepted = new ulong[FirstCapacity];
    private ReplayWindow[] windows = new ReplayWindow[FirstCapacity];
    private uint[]? forgotten; // most peers forget none
    private int forgottenCount;
    private int count;
    private ulong accepted;

    internal int Count => count;

    /// <summary>Sources that have a slot at most.</summary>
    internal int Maximum { get; set; } = OfOnePublisher;

    /// <summary>
    /// A source gives way when it was silent for so many authentic packets of the others, two of each: for 64 that is under a second of video, two and a half of audio alone. So a flood of
    /// new sources is refused without the work of decryption.
    /// </summary>
    internal ulong SilencePackets => 2 * (ulong)Maximum;

    /// <summary>Sources whose packets somebody reads: they never give way, however long they are silent. Asked only when all slots are taken.</summary>
    internal Func<uint, bool> IsInUse { get; set; } = static _ => false;

    internal int Find(uint ssrc) => ssrcs.AsSpan(0, count).IndexOf(ssrc);

    internal ref readonly ReplayWindow Window(int slot) => ref windows[slot];

    /// <summary>Whether <see cref="Accept"/> would take a new source; asked before the work of decryption.</summary>
    internal SrtpFailure CheckNew(uint ssrc)
    {
        if (count < Maximum)
            return SrtpFailure.None;
        if (forgotten is not null && forgotten.AsSpan(0, Math.Min(forgottenCount, MaxForgotten)).Contains(ssrc))
            return SrtpFailure.Forgotten;
        return Replaceable() == None ? SrtpFailure.TooManySources : SrtpFailure.None;
    }

    /// <summary>Records an authentic packet. <paramref name="slot"/> is <see cref="None"/> for the first one of a source, which <see cref="CheckNew"/> must have let pass.</summary>
    /// <returns>True when no packet of the source with a higher index came before.</returns>
    internal bool Accept(int slot, uint ssrc, ulong index)
    {
        if (slot == None)
        {
            slot = count < Maximum ? count++ : Forget(Replaceable());
            if (slot == windows.Length)
                Grow();
            ssrcs[slot] = ssrc;
            windows[slot] = default;
        }

        ref var window = ref windows[slot];
        var isNewest = !window.Started || index > window.Highest;
        window.Accept(index);
        lastAccepted[slot] = ++accepted;
        return isNewest;
    }

    private void Grow()
    {
        var capacity = 2 * windows.Length;
        Array.Resize(ref ssrcs, capacity);
        Array.Resize(ref lastAccepted, capacity);
        Array.Resize(ref windows, capacity);
    }

    private int Forget(int slot)
    {
        forgotten ??= new uint[MaxForgotten];
        forgotten[forgottenCount++ % MaxForgotten] = ssrcs[slot];
        return slot;
    }

    private int Replaceable()
    {
        var slot = None;
        for (var i = 0; i < count; i++)
        {
            if (accepted - lastAccepted[i] >= SilencePackets && (slot == None || lastAccepted[i] < lastAccepted[slot]) && !IsInUse(ssrcs[i]))
                slot = i;
        }

        return slot;
    }
}
