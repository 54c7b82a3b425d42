namespace MediaNode.Contracts;

/// <summary>
/// Published by every media node each second and at once when it starts or begins to drain. A node that has not been heard of for
/// <see cref="FreshFor"/> gets no new room.
/// </summary>
/// <param name="NodeId">Unique per process start: a restarted node is another node, because its rooms are gone.</param>
/// <param name="Name">The stable name that people know it by, such as <c>media-0</c>.</param>
/// <param name="ControlAddress">Where its gRPC control service listens, such as <c>http://10.0.3.7:5100</c>.</param>
/// <param name="Load">0 (idle) to 1 (takes no more rooms): the highest of its limits' use.</param>
/// <param name="Draining">True: finishes the rooms it has, takes no new one.</param>
public sealed record NodeHeartbeat(
    string NodeId, string Name, string ControlAddress, DateTimeOffset SentAt, int Rooms, int Peers, double Load, bool Draining)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(5);
}
