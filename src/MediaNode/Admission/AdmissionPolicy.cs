using System.Globalization;

namespace MediaNode.Admission;

/// <summary>
/// Who is let in. Rooms are refused first, so that those that are here have room to grow; then people, so that those who are in have room for their peers; then
/// peers and streams. Nobody who is in is put out, and what is renewed (an ICE restart, another connection in the place of one) is not new.
/// </summary>
internal static class AdmissionPolicy
{
    /// <summary>Share of each limit that rooms may fill; the rest is for more people in them.</summary>
    public const double RoomShare = 0.9;

    /// <summary>The same for people in rooms that are here; the rest is for what those who are in publish and watch.</summary>
    public const double PersonShare = 0.95;

    /// <summary>0 for an idle node, 1 for one that takes no more rooms: the highest use of its limits.</summary>
    public static double LoadOf(NodeLimits limits, NodeLoad load, int peers)
    {
        var worker = limits.WorkerLoad < 1 ? load.LeastWorker / limits.WorkerLoad : 0;
        var use = Math.Max(Math.Max((double)peers / limits.Peers, worker), Math.Max(load.PacketsPerSecond / limits.PacketsPerSecond, load.BitsPerSecond / limits.BitsPerSecond));
        return Math.Min(1, use / RoomShare);
    }

    /// <returns>Why a new room is refused, naming the limit and its value; null when it is not.</returns>
    public static string? RefuseRoom(NodeLimits limits, NodeLoad load, int peers) => Refuse(limits, load, peers, load.LeastWorker, RoomShare, "rooms");

    /// <returns>Why somebody new is not let into a room that is here; null when they are.</returns>
    public static string? RefusePerson(NodeLimits limits, NodeLoad load, int peers, double worker) => Refuse(limits, load, peers, worker, PersonShare, "people");

    /// <param name="limits">The node's.</param>
    /// <param name="load">The node's.</param>
    /// <param name="peers">PeerConnections now.</param>
    /// <param name="worker">Load of the worker that has the room.</param>
    /// <returns>Why a new peer or stream is refused, naming the limit and its value; null when it is not.</returns>
    public static string? RefusePeer(NodeLimits limits, NodeLoad load, int peers, double worker) => Refuse(limits, load, peers, worker, 1, "peers and streams");

    private static string? Refuse(NodeLimits limits, NodeLoad load, int peers, double worker, double share, string what)
    {
        if (peers >= limits.Peers * share)
            return Text(what, "peers", peers, limits.Peers, share);
        if (load.PacketsPerSecond >= limits.PacketsPerSecond * share)
            return Text(what, "packets per second", load.PacketsPerSecond, limits.PacketsPerSecond, share);
        if (load.BitsPerSecond >= limits.BitsPerSecond * share)
            return Text(what, "megabits per second", load.BitsPerSecond / 1e6, limits.BitsPerSecond / 1e6, share);
        return limits.WorkerLoad < 1 && worker >= limits.WorkerLoad * share ? Text(what, "% load of a worker thread", worker * 100, limits.WorkerLoad * 100, share) : null;
    }

    private static string Text(string what, string unit, double value, double limit, double share) => string.Create(
        CultureInfo.InvariantCulture,
        $"the node takes no new {what} from {limit * share:0} {unit} on (its limit is {limit:0}) and has {value:0}: take another node");
}
