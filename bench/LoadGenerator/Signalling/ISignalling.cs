namespace LoadGenerator.Signalling;

/// <summary>A server's way of letting people into rooms. The media is the same for all; only how descriptions are exchanged differs.</summary>
internal interface ISignalling : IAsyncDisposable
{
    /// <summary>Rooms and accounts, which exist before anybody joins.</summary>
    Task PrepareAsync(int rooms, int participants);

    /// <summary>Enters a room as somebody who will publish.</summary>
    /// <param name="room">From 0.</param>
    /// <param name="participant">From 0, in the whole run.</param>
    Task<IMember> EnterAsync(int room, int participant);

    /// <summary>Somebody who only watches a publisher that is known already.</summary>
    Task<IMember> WatchAsync(int room, int participant, ulong publisher);
}

/// <summary>One participant's connection to the server.</summary>
internal interface IMember : IAsyncDisposable
{
    /// <summary>What others know this participant's publications by.</summary>
    ulong Id { get; }

    /// <summary>Publishers to subscribe to: those who are there already, then those who are announced. Never this participant.</summary>
    System.Threading.Channels.ChannelReader<ulong> Publishers { get; }

    /// <summary>Whether somebody published already when this participant came in.</summary>
    bool FoundPublishers { get; }

    /// <returns>The answer.</returns>
    Task<string> PublishAsync(string offer);

    /// <summary>Makes a PeerConnection for these publishers.</summary>
    Task<SubscriptionOffer> SubscribeAsync(IReadOnlyList<ulong> publishers);

    /// <summary>Adds publishers to a PeerConnection.</summary>
    Task<SubscriptionOffer> ExtendAsync(ulong subscription, IReadOnlyList<ulong> publishers);

    Task AnswerAsync(ulong subscription, string answer);
}

/// <summary>The server's offer of streams.</summary>
/// <param name="Subscription">The PeerConnection, as the server calls it.</param>
/// <param name="Sdp">The offer; null when the m-lines stay as they are.</param>
/// <param name="Publishers">Who is behind each m-line, by mid.</param>
internal sealed record SubscriptionOffer(ulong Subscription, string? Sdp, IReadOnlyDictionary<string, ulong> Publishers);
