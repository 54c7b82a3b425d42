using System.Runtime.CompilerServices;

namespace MediaNode.Core.Srtp;

/// <summary>
/// The highest index received of one source and which of the <see cref="SizePackets"/> before it were received (RFC 3711 section 3.3.2).
/// <see cref="Check"/> changes nothing; <see cref="Accept"/> is for authenticated packets only.
/// </summary>
internal struct ReplayWindow
{
    /// <summary>About a second of a high-rate video stream: a retransmission or a packet of a slower path that comes later is of no use any more.</summary>
    internal const int SizePackets = 1024;

    private const int WordBits = 64;

    private Bitmap received; // bit (index modulo SizePackets)
    private ulong highest;
    private bool started;

    internal readonly bool Started => started;

    internal readonly ulong Highest => highest;

    internal readonly SrtpFailure Check(ulong index)
    {
        if (!started || index > highest)
            return SrtpFailure.None;
        if (highest - index >= SizePackets)
            return SrtpFailure.TooOld;
        return (received[Word(index)] & Bit(index)) != 0 ? SrtpFailure.Replayed : SrtpFailure.None;
    }

    internal void Accept(ulong index)
    {
        if (!started || index > highest)
        {
            Forget(index);
            highest = index;
            started = true;
        }

        received[Word(index)] |= Bit(index);
    }

    /// <summary>Clears the bits that now stand for the indexes after the old highest one.</summary>
    private void Forget(ulong newHighest)
    {
        if (!started || newHighest - highest >= SizePackets)
        {
            received = default;
            return;
        }

        for (var index = highest + 1; index <= newHighest; index++)
            received[Word(index)] &= ~Bit(index);
    }

    private static int Word(ulong index) => (int)(index % SizePackets / WordBits);

    private static ulong Bit(ulong index) => 1UL << (int)(index % WordBits);

    [InlineArray(SizePackets / WordBits)]
    private struct Bitmap
    {
        private ulong element;
    }
}
