using System.Net;
using MediaNode.Core.Dtls;
using MediaNode.Core.Net;
using MediaNode.Core.Sctp;
using MediaNode.Core.SimulationTests.Network;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.SimulationTests.Sctp;

/// <summary>The data channels of two peers over a simulated network, in virtual time. DTLS is left out: it neither loses nor orders.</summary>
internal sealed class ChannelPair
{
    private static readonly TransportAddress LeftAddress = TransportAddress.From(IPAddress.Parse("192.0.2.1"), 1);
    private static readonly TransportAddress RightAddress = TransportAddress.From(IPAddress.Parse("192.0.2.2"), 1);

    private readonly byte[] _buffer = new byte[SctpLimits.PacketBytes];
    private readonly int _seed;

    public ChannelPair(int seed, long rightMessageBytes = SctpLimits.MessageBytes)
    {
        _seed = seed;
        Network = new(seed);
        Left = new(DtlsRole.Client, new(5000, 5000), rightMessageBytes, new SeededEntropy(seed));
        Right = new(DtlsRole.Server, new(5000, 5000), SctpLimits.MessageBytes, new SeededEntropy(-seed));
    }

    public SimulatedNetwork Network { get; }

    public DataChannelTransport Left { get; }

    public DataChannelTransport Right { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(1);

    public List<DataChannelEvent> LeftEvents { get; } = [];

    public List<DataChannelEvent> RightEvents { get; } = [];

    public List<(string Label, bool IsText, byte[] Payload)> RightMessages => [.. RightEvents
        .Where(received => received.Kind == DataChannelEventKind.Message)
        .Select(received => (received.Channel!.Parameters.Label, received.Message.IsText, received.Message.Payload.ToArray()))];

    public void Connect()
    {
        Left.Start(Now);
        Right.Start(Now);
        RunUntil(() => Left.State == AssociationState.Established && Right.State == AssociationState.Established, TimeSpan.FromSeconds(60), "the association is up");
    }

    public DataChannel Open(DataChannelParameters parameters)
    {
        var channel = Left.Open(parameters, Now)!;
        RunUntil(() => channel.State == DataChannelState.Open, TimeSpan.FromSeconds(60), "the channel is open");
        return channel;
    }

    public void RunUntil(Func<bool> condition, TimeSpan limit, string what)
    {
        var end = Now + limit;
        Drain();
        while (!condition())
        {
            if (!Step(end))
                Assert.Fail($"after {limit.TotalSeconds} s of virtual time with seed {_seed}: {what} did not happen");
        }
    }

    public void Run(TimeSpan time)
    {
        var end = Now + time;
        Drain();
        while (Step(end))
        {
        }
        Now = end;
    }

    private bool Step(Instant end)
    {
        var next = Instant.Min(Network.NextArrival, Instant.Min(Left.NextTimeout, Right.NextTimeout));
        if (next > end)
            return false;
        Now = next > Now ? next : Now;
        while (Network.TryTakeArrival(Now, out var arrival))
        {
            (arrival.To == LeftAddress ? Left : Right).HandlePacket(arrival.Datagram, Now);
            Drain();
        }
        Left.HandleTimeout(Now);
        Right.HandleTimeout(Now);
        Drain();
        Assert.InRange(Left.BufferedBytes, 0, SctpLimits.SendBufferBytes);
        return true;
    }

    private void Drain()
    {
        while (Left.TryTakeEvent(out var taken))
            LeftEvents.Add(taken);
        while (Right.TryTakeEvent(out var taken))
            RightEvents.Add(taken);
        while (Left.TryTakeTransmit(_buffer, Now, out var length))
            Network.Send(LeftAddress, RightAddress, _buffer[..length], Now);
        while (Right.TryTakeTransmit(_buffer, Now, out var length))
            Network.Send(RightAddress, LeftAddress, _buffer[..length], Now);
    }
}
