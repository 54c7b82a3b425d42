using System.Collections.Concurrent;
using LoadGenerator.Loop;
using LoadGenerator.Media;
using LoadGenerator.Peers;
using LoadGenerator.Signalling;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace LoadGenerator;

/// <summary>Somebody in a room: publishes, unless a viewer, and subscribes to everybody who is announced. Signalling runs on the thread pool, media on the loop.</summary>
internal sealed class Participant(PeerContext context, ISignalling signalling, PublisherDirectory publishers, int room, int index) : IAsyncDisposable
{
    private readonly ConcurrentBag<SubscriberPeer> _subscribers = [];
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Spreads frames and reports evenly over their intervals: the golden ratio's multiples are never close to one another.</summary>
    private readonly double _phase = index * 0.6180339887498949 % 1;

    private PublisherPeer? _publisher;
    private IMember? _member;
    private Task _following = Task.CompletedTask;
    private Instant _startedAt;
    private Instant _enteredAt = Instant.Never;

    /// <summary>What went wrong, once something has.</summary>
    public Task<string> Failed => _failed.Task;

    public ulong PublisherId => _member!.Id;

    public PublisherPeer? Publisher => _publisher;

    public IReadOnlyCollection<SubscriberPeer> Subscribers => _subscribers;

    /// <summary>Somebody published already when it came in, so that its joining time can be told.</summary>
    public bool FoundPublishers => _member?.FoundPublishers ?? false;

    /// <summary>From the beginning of the connection until it is in the room.</summary>
    public TimeSpan? TimeToEnter => _enteredAt == Instant.Never ? null : _enteredAt - _startedAt;

    /// <summary>From the beginning of the connection to the first offer, packet of media or key frame. To be called on the loop's thread.</summary>
    public TimeSpan? TimeTo(Func<SubscriberPeer, Instant> moment)
    {
        var first = Instant.Never;
        foreach (var subscriber in _subscribers)
            first = Instant.Min(first, moment(subscriber));
        return first == Instant.Never ? null : first - _startedAt;
    }

    public async Task JoinAsync()
    {
        _startedAt = Clock.Now;
        _member = await signalling.EnterAsync(room, index);
        _enteredAt = Clock.Now;
        // As browsers: what is there already is subscribed to while publishing is being negotiated.
        _following = FollowAsync();
        var offer = await context.Loop.RunAsync(_ =>
        {
            _publisher = new(context, index, _phase);
            context.Loop.Add(_publisher);
            return _publisher.CreateOffer();
        });
        var answer = await _member.PublishAsync(offer);
        await context.Loop.RunAsync(now =>
        {
            _publisher!.AcceptAnswer(answer, now);
            publishers.Add(room, _member.Id, _publisher);
            context.Loop.Schedule(_publisher);
            return true;
        });
    }

    public async Task WatchAsync(ulong publisher)
    {
        _startedAt = Clock.Now;
        _member = await signalling.WatchAsync(room, index, publisher);
        _enteredAt = Clock.Now;
        _following = FollowAsync();
    }

    /// <summary>Leaves the room and ends its PeerConnections.</summary>
    public async Task LeaveAsync()
    {
        await DisposeAsync();
        await context.Loop.RunAsync(_ =>
        {
            if (_publisher is not null)
                context.Loop.Remove(_publisher);
            if (_member is not null)
                publishers.Remove(room, _member.Id);
            foreach (var subscriber in _subscribers)
                context.Loop.Remove(subscriber);
            return true;
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_member is not null)
            await _member.DisposeAsync();
        await _following;
    }

    private async Task FollowAsync()
    {
        try
        {
            if (context.Options.SinglePeerConnection)
                await ReceiveOnOneAsync(_member!);
            else
                await ReceiveOnManyAsync(_member!);
        }
        catch (Exception problem)
        {
            _failed.TrySetResult(problem.Message);
        }
    }

    private async Task ReceiveOnManyAsync(IMember member)
    {
        var subscribing = new List<Task>();
        await foreach (var publisher in member.Publishers.ReadAllAsync())
            subscribing.Add(SubscribeAsync(member, null, [publisher]));
        await Task.WhenAll(subscribing);
    }

    /// <summary>Whoever is announced while an offer is being answered waits for the next one.</summary>
    private async Task ReceiveOnOneAsync(IMember member)
    {
        (ulong Id, SubscriberPeer Peer)? known = null;
        while (await member.Publishers.WaitToReadAsync())
        {
            var announced = new List<ulong>();
            while (member.Publishers.TryRead(out var publisher))
                announced.Add(publisher);
            known = await SubscribeAsync(member, known, announced);
        }
    }

    private async Task<(ulong Id, SubscriberPeer Peer)> SubscribeAsync(IMember member, (ulong Id, SubscriberPeer Peer)? known, IReadOnlyList<ulong> announced)
    {
        try
        {
            var offer = known is null ? await member.SubscribeAsync(announced) : await member.ExtendAsync(known.Value.Id, announced);
            var peer = known?.Peer;
            if (offer.Sdp is not null)
            {
                var answer = await context.Loop.RunAsync(now =>
                {
                    if (peer is null)
                    {
                        peer = new(context, _phase);
                        context.Loop.Add(peer);
                        _subscribers.Add(peer);
                    }
                    var sdp = peer.Answer(offer.Sdp, (mid, kind) => Source(offer, mid, kind), now);
                    context.Loop.Schedule(peer);
                    return sdp;
                });
                await member.AnswerAsync(offer.Subscription, answer);
            }
            return (offer.Subscription, peer ?? throw new InvalidOperationException("the server made no offer"));
        }
        catch (Exception problem)
        {
            _failed.TrySetResult(problem.Message);
            throw;
        }
    }

    private SentStream? Source(SubscriptionOffer offer, Mid mid, MediaKind kind)
    {
        if (!offer.Publishers.TryGetValue(mid.Value, out var id) || publishers.Find(room, id) is not { } publisher)
            return null;
        return kind == MediaKind.Audio ? publisher.Audio : publisher.Video;
    }
}
