using MediaNode.Core.Net;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>What a path does to datagrams.</summary>
/// <param name="Delay">One way.</param>
/// <param name="Jitter">Up to so much more, evenly spread: packets overtake one another.</param>
/// <param name="Loss">Share of datagrams that vanish, 0 to 1.</param>
/// <param name="Duplication">Share of datagrams that come twice.</param>
internal sealed record PathConditions(TimeSpan Delay, TimeSpan Jitter, double Loss, double Duplication)
{
    public static readonly PathConditions Perfect = new(TimeSpan.FromMilliseconds(5), TimeSpan.Zero, 0, 0);
}

/// <summary>Datagrams in flight, in virtual time and repeatable from a seed.</summary>
internal sealed class SimulatedNetwork(int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<InFlight, (long At, long Order)> _inFlight = new();
    private readonly Dictionary<TransportAddress, IPath> _links = [];
    private readonly Dictionary<TransportAddress, IPath> _uplinks = [];
    private long _order;

    public PathConditions Conditions { get; set; } = PathConditions.Perfect;

    /// <summary>Looks at each datagram before its fate is decided; false drops it.</summary>
    public Func<TransportAddress, TransportAddress, byte[], bool>? Filter { get; set; }

    /// <summary>Puts a link in front of an address; several addresses may share one.</summary>
    public void Limit(TransportAddress to, IPath link) => _links[to] = link;

    /// <summary>Puts a link behind an address, for what is sent from there.</summary>
    public void LimitFrom(TransportAddress from, IPath link) => _uplinks[from] = link;

    public long Sent { get; private set; }

    public long Lost { get; private set; }

    public Instant NextArrival => _inFlight.TryPeek(out _, out var first) ? new(first.At) : Instant.Never;

    public void Send(TransportAddress from, TransportAddress to, byte[] datagram, Instant now)
    {
        Sent++;
        if (Filter is not null && !Filter(from, to, datagram))
            return;
        if (_random.NextDouble() < Conditions.Loss)
        {
            Lost++;
            return;
        }
        var left = now;
        if ((_links.TryGetValue(to, out var link) || _uplinks.TryGetValue(from, out link)) && !link.TryPass(datagram.Length, now, _random, out left))
        {
            Lost++;
            return;
        }
        var copies = _random.NextDouble() < Conditions.Duplication ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            var at = left + Conditions.Delay + Conditions.Jitter * _random.NextDouble();
            _inFlight.Enqueue(new(from, to, datagram), (at.Nanoseconds, _order++));
        }
    }

    public bool TryTakeArrival(Instant now, out InFlight arrival)
    {
        if (NextArrival <= now && _inFlight.TryDequeue(out arrival!, out _))
            return true;
        arrival = null!;
        return false;
    }
}

internal sealed record InFlight(TransportAddress From, TransportAddress To, byte[] Datagram);
