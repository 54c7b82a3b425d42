namespace MediaNode.Transport;

/// <summary>Why a datagram was not sent.</summary>
internal enum SendFailure
{
    /// <summary>The socket's buffer, or the device's queue, stayed full (EAGAIN, ENOBUFS).</summary>
    Full,

    /// <summary>Longer than the route to its destination takes (EMSGSIZE).</summary>
    TooLong,

    /// <summary>No route, a destination that was reported unreachable, or a TCP connection that has ended.</summary>
    Unreachable,

    /// <summary>A TCP client that reads more slowly than is sent to it.</summary>
    SlowReader,

    /// <summary>Refused otherwise, as by a firewall of this machine.</summary>
    Refused,
}

/// <summary>Counts what was not sent. Written by the worker's thread; others may read, and see a value of a moment ago.</summary>
internal sealed class SendFailures
{
    public static readonly SendFailure[] Reasons = Enum.GetValues<SendFailure>();

    private readonly long[] _counts = new long[Reasons.Length];

    public long this[SendFailure reason] => Volatile.Read(ref _counts[(int)reason]);

    public long Total
    {
        get
        {
            var total = 0L;
            foreach (var reason in Reasons)
                total += this[reason];
            return total;
        }
    }

    public void Count(SendFailure reason, int datagrams) => _counts[(int)reason] += datagrams;
}
