using MediaNode.Core.Net;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>
/// A TCP connection over a narrow link: nothing is lost or overtaken, but what the network loses comes a round trip later, and all that was sent behind it
/// waits for it. The sender's kernel holds so much; what does not fit is refused, as the node's port for connections does.
/// </summary>
internal sealed class SimulatedStream : IPath
{
    /// <summary>IPv4 and TCP headers and the frame's length travel too.</summary>
    private const int OverheadBytes = 40 + StreamFrames.HeaderSize;

    private readonly Queue<(Instant Left, int Bytes)> _waiting = new();
    private Instant _freeAt;
    private Instant _lastSent;
    private Instant _lastArrival;

    public double KilobitsPerSecond { get; set; }

    /// <summary>Traffic of somebody else that never gives way.</summary>
    public double CrossKilobitsPerSecond { get; set; }

    /// <summary>Share of datagrams that the network loses once.</summary>
    public double Loss { get; set; }

    /// <summary>Until a loss is repaired.</summary>
    public TimeSpan RoundTrip { get; init; } = TimeSpan.FromMilliseconds(80);

    /// <summary>What the kernel may hold: as the node asks for.</summary>
    public int BufferBytes { get; init; } = 128 * 1024;

    public int MostWaiting { get; private set; }

    public int Refused { get; private set; }

    private int WaitingBytes { get; set; }

    public bool TryPass(int bytes, Instant now, Random random, out Instant left)
    {
        left = now;
        if (_freeAt < now)
            _freeAt = now;
        else if (_lastSent < now)
            _freeAt += (now - _lastSent) * (CrossKilobitsPerSecond / KilobitsPerSecond);
        _lastSent = now;
        while (_waiting.TryPeek(out var first) && first.Left <= now)
            WaitingBytes -= _waiting.Dequeue().Bytes;
        if (WaitingBytes + bytes > BufferBytes)
        {
            Refused++;
            return false;
        }
        WaitingBytes += bytes;
        MostWaiting = Math.Max(MostWaiting, WaitingBytes);
        _freeAt += TimeSpan.FromSeconds((bytes + OverheadBytes) * 8 / (KilobitsPerSecond * 1000));
        _waiting.Enqueue((_freeAt, bytes));
        var arrival = random.NextDouble() < Loss ? _freeAt + RoundTrip : _freeAt;
        _lastArrival = arrival > _lastArrival ? arrival : _lastArrival;
        left = _lastArrival;
        return true;
    }
}
