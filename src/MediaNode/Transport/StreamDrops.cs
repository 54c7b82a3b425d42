namespace MediaNode.Transport;

/// <summary>Why a TCP connection of a client was not taken, or was ended.</summary>
internal enum StreamDrop
{
    /// <summary>The worker has as many as it may.</summary>
    TooMany,

    /// <summary>As many come from the same address, or the same /64 of IPv6.</summary>
    TooManyOfOrigin,

    /// <summary>The same client has one from the same port already, to another address of this machine.</summary>
    AddressInUse,

    /// <summary>No valid check came in time.</summary>
    Unproven,

    /// <summary>What came before the first valid check was none.</summary>
    NotACheck,

    /// <summary>A frame longer than any may be: nothing behind it can be understood.</summary>
    FrameTooLong,

    /// <summary>Nothing was sent to it for long: its peer is gone, or elsewhere.</summary>
    Idle,
}

/// <summary>Counts connections by why they were dropped. Written by the worker's thread; others may read, and see a value of a moment ago.</summary>
internal sealed class StreamDrops
{
    public static readonly StreamDrop[] Reasons = Enum.GetValues<StreamDrop>();

    private readonly long[] _counts = new long[Reasons.Length];

    public long this[StreamDrop reason] => Volatile.Read(ref _counts[(int)reason]);

    public void Count(StreamDrop reason) => _counts[(int)reason]++;
}
