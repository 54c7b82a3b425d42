using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// What one track has waiting for its turn towards one subscriber, and how long that may go on. Pictures are of no use in a conversation when they are late. A key frame is of
/// use whenever it is through, since there is no picture without one: it may take seconds of a narrow path, and what follows it waits behind it.
/// </summary>
internal sealed class Backlog
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(400);

    /// <summary>A key frame of 250 kB on a path of 300 kbit/s, beside audio. Whoever would have to wait longer is better off asking later.</summary>
    private static readonly TimeSpan LongestCatchUp = TimeSpan.FromSeconds(12);

    /// <summary>Repairs that may wait; what is asked for beyond is asked for again.</summary>
    private const int MaximumRepairs = 256;

    private readonly PacerQueue _queue = new();
    private readonly Queue<(ulong Outgoing, int Bytes)> _repairs = new();
    private Instant _since;

    public int Packets => _queue.Count;

    public int Bytes => _queue.Bytes;

    /// <summary>Packets that were sent and lost. They come first: what was sent since cannot be shown without them.</summary>
    public int Repairs => _repairs.Count;

    public int RepairBytes { get; private set; }

    /// <summary>A key frame is on its way, or what came after it: until then the subscriber cannot use another one.</summary>
    public bool IsCatchingUp { get; private set; }

    /// <summary>What waits has waited too long, or will have.</summary>
    /// <param name="history">Has to hold the packets until their turn.</param>
    /// <param name="drainTime">What it takes to send all of it.</param>
    /// <param name="now">The current moment.</param>
    public bool IsOverdue(PacketHistory history, TimeSpan drainTime, Instant now)
    {
        if (_queue.Count == 0)
            return false;
        if (_queue.IsFull || !history.TryHold(_queue.Bytes))
            return true;
        return IsCatchingUp ? now - _since > LongestCatchUp || drainTime > LongestCatchUp : now - _queue.First.Since > LongestWait;
    }

    public void Add(in WaitingPacket packet)
    {
        if (packet.IsKeyFrame && !IsCatchingUp)
            (IsCatchingUp, _since) = (true, packet.Since);
        _queue.Add(packet);
    }

    /// <summary>The next one in its turn.</summary>
    /// <param name="left">The picture of which a packet left last.</param>
    /// <param name="now">The current moment.</param>
    /// <param name="packet">Its place in the queue is free.</param>
    public bool TryTake(PictureId left, Instant now, out WaitingPacket packet)
    {
        packet = default;
        if (_queue.Count == 0)
            return false;
        packet = _queue.TakeFirst();
        if (packet.IsKeyFrame && packet.Picture != left)
            _since = now;
        IsCatchingUp &= _queue.Count > 0;
        return true;
    }

    /// <summary>
    /// A newer key frame makes useless what waits: all of it, but for the rest of a picture of which a part has left. Where key frames come faster than the path takes them, that one would
    /// never be through.
    /// </summary>
    /// <param name="unseen">Packets to look at still; all of them at first.</param>
    /// <param name="newer">The key frame; packets of it, and after it, may have overtaken its first.</param>
    /// <param name="left">The picture of which a packet left last; null if its rest shall not hold up the newer one.</param>
    /// <param name="packet">One that will not be sent.</param>
    public bool TryDropSuperseded(ref int unseen, PictureId newer, PictureId? left, out WaitingPacket packet)
    {
        while (unseen-- > 0)
        {
            packet = _queue.TakeFirst();
            if (packet.Picture.IsBefore(newer) && packet.Picture != left)
                return true;
            _queue.Add(packet);
        }
        packet = default;
        return false;
    }

    public bool TryAddRepair(ulong outgoing, int bytes)
    {
        if (_repairs.Count == MaximumRepairs)
            return false;
        _repairs.Enqueue((outgoing, bytes));
        RepairBytes += bytes;
        return true;
    }

    public (ulong Outgoing, int Bytes) TakeRepair()
    {
        var repair = _repairs.Dequeue();
        RepairBytes -= repair.Bytes;
        return repair;
    }

    /// <summary>Nothing of what has not left yet will be sent.</summary>
    public bool TryDrop(out WaitingPacket packet)
    {
        IsCatchingUp = false;
        packet = _queue.Count > 0 ? _queue.TakeLast() : default;
        return packet != default;
    }
}
