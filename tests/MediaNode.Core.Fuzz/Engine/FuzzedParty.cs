namespace MediaNode.Core.Fuzz.Engine;

/// <summary>A call with everybody in it.</summary>
internal sealed class FuzzedParty : IDisposable
{
    public FuzzedParty()
    {
        Publisher = new(Call);
        Subscribers = [new(Call, 2, isPlain: false), new(Call, 3, isPlain: true)];
        Publisher.SendFrame(0x0A);
        Call.Exchange();
    }

    public FuzzedCall Call { get; } = new();

    public FuzzedPublisher Publisher { get; }

    public IReadOnlyList<FuzzedSubscriber> Subscribers { get; }

    /// <summary>Everybody is as in the beginning, as far as clients can bring that about.</summary>
    /// <returns>False when somebody cannot be reached any more.</returns>
    public bool TryGather()
    {
        Call.Pass(TimeSpan.FromSeconds(1));
        if (!Call.IsWhole || Publisher.Publish(Publisher.CreateOffer()) is null || !Subscribers.All(subscriber => subscriber.TryGather()))
            return false;
        Call.Engine.HandlePressure(0, 0, Call.Now);
        Publisher.SendFrame(0x0A);
        Call.Pass(TimeSpan.FromMilliseconds(200));
        return Call.IsWhole;
    }

    public void Dispose() => Call.Dispose();
}
