namespace MediaNode.Core.Srtp;

/// <summary>
/// The sources (SSRCs) of one direction that have sent an authentic packet, each with its replay window. Bounded: see <see cref="MaxSources"/>.
/// When all slots are taken, a new source may replace the one that has been silent longest, but only when it was silent for
/// <see cref="SilencePackets"/> authentic packets of the others.
/// </summary>
internal sealed class SrtpSources
{
    /// <summary>A publisher with camera, screen and microphone, three layers and RTX each, has 14; the rest is for those it opened and closed before.</summary>
    internal const int MaxSources = 64;

    /// <summary>
    /// About a minute of one video stream. A replaced source loses its replay window and rollover counter, so it must be truly gone;
    /// all sources belong to the one peer that holds the key, so a peer can only ever crowd out itself.
    /// </summary>
    internal const ulong SilencePackets = 1 << 16;

    internal const int None = -1;

    private readonly uint[] ssrcs = new uint[MaxSources];
    private readonly ulong[] lastAccepted = new ulong[MaxSources];
    private ReplayWindow[] windows = new ReplayWindow[4]; // grows to MaxSources: most peers have few
    private int count;
    private ulong accepted;

    internal int Count => count;

    internal int Find(uint ssrc) => ssrcs.AsSpan(0, count).IndexOf(ssrc);

    internal ref readonly ReplayWindow Window(int slot) => ref windows[slot];

    /// <summary>Whether <see cref="Accept"/> of a new source would find a slot; asked before the work of decryption.</summary>
    internal bool HasRoom() => count < MaxSources || accepted - lastAccepted[LongestSilent()] >= SilencePackets;

    /// <summary>Records an authentic packet. <paramref name="slot"/> is <see cref="None"/> for the first one of a source; then <see cref="HasRoom"/> must hold.</summary>
    internal void Accept(int slot, uint ssrc, ulong index)
    {
        if (slot == None)
        {
            slot = count < MaxSources ? count++ : LongestSilent();
            if (slot == windows.Length)
                Array.Resize(ref windows, windows.Length * 2);
            ssrcs[slot] = ssrc;
            windows[slot] = default;
        }

        windows[slot].Accept(index);
        lastAccepted[slot] = ++accepted;
    }

    private int LongestSilent()
    {
        var slot = 0;
        for (var i = 1; i < count; i++)
        {
            if (lastAccepted[i] < lastAccepted[slot])
                slot = i;
        }

        return slot;
    }
}
