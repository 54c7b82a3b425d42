using LoadGenerator.Peers;
using LoadGenerator.Signalling;

namespace LoadGenerator.Soak;

/// <summary>One room from the first who joins to the last who leaves.</summary>
internal sealed class Show(PeerContext context, ISignalling signalling, PublisherDirectory publishers, int room, Random random)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    private readonly List<Participant> _participants = [];

    public int Joined => _participants.Count;

    /// <param name="pace">Between two who join, or leave.</param>
    /// <param name="stay">How long all of them are together.</param>
    /// <exception cref="InvalidOperationException">Somebody could not join, or got nothing.</exception>
    public async Task RunAsync(TimeSpan pace, TimeSpan stay)
    {
        try
        {
            for (var number = 0; number < context.Options.People; number++)
            {
                var participant = new Participant(context, signalling, publishers, room, room * context.Options.People + number);
                _participants.Add(participant);
                await participant.JoinAsync();
                await Task.Delay(pace);
            }
            await AllReceiveAsync();
            await Task.Delay(stay);
        }
        finally
        {
            var leaving = _participants.ToArray();
            random.Shuffle(leaving);
            foreach (var participant in leaving)
            {
                await participant.LeaveAsync();
                await Task.Delay(pace);
            }
        }
    }

    private async Task AllReceiveAsync()
    {
        var wanted = context.Options.People * (context.Options.People - 1) * (context.Options.AudioOnly ? 1 : 2);
        var receiving = 0;
        for (var waited = TimeSpan.Zero; waited < Patience; waited += LookInterval)
        {
            if (_participants.Find(participant => participant.Failed.IsCompleted) is { } broken)
                throw new InvalidOperationException(await broken.Failed);
            receiving = await context.Loop.RunAsync(_ => _participants.SelectMany(participant => participant.Subscribers).SelectMany(subscriber => subscriber.Streams).Count(stream => stream.HasPacket));
            if (receiving == wanted)
                return;
            await Task.Delay(LookInterval);
        }
        throw new InvalidOperationException($"room {room}: {receiving} of {wanted} streams are received after {Patience.TotalSeconds} s");
    }
}
