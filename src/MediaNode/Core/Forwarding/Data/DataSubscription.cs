using MediaNode.Core.Sctp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Whose messages a subscriber gets, and on which of its channels: one of the same label, protocol, order and reliability as the publisher's, whoever
/// opened it; without one, the node opens it with the first message. All publishers share the subscriber's one m=application (RFC 8843 allows no more in a bundle).
/// </summary>
internal sealed class DataSubscription(SubscriberPeer subscriber)
{
    private readonly List<SelectedStream> _streams = [];

    /// <summary>The stream that the m-line is described by; null without any.</summary>
    public SelectedStream? First => _streams.Count > 0 ? _streams[0] : null;

    public bool Holds(SelectedStream stream) => _streams.Exists(held => held.Publisher == stream.Publisher);

    public void Add(SelectedStream stream)
    {
        if (Holds(stream))
            return;
        _streams.Add(stream);
        stream.Publisher.DataSubscribers.Add(subscriber);
    }

    public void Remove(Predicate<PublisherPeer> match, Instant now)
    {
        for (var i = _streams.Count - 1; i >= 0; i--)
        {
            var publisher = _streams[i].Publisher;
            if (!match(publisher))
                continue;
            _streams.RemoveAt(i);
            publisher.DataSubscribers.Remove(subscriber);
            foreach (var channel in publisher.DataChannels)
                CloseUnused(channel.Parameters, now);
        }
    }

    public void Forward(DataChannelParameters parameters, in DataMessage message, Instant now)
    {
        if (subscriber.Data is not { } link)
        {
            subscriber.Drop(DropReason.NotConnected);
            return;
        }
        var outcome = (link.Channels.Find(parameters) ?? link.Channels.Open(parameters, now)) is { } channel
            ? link.Channels.Send(channel, message, now)
            : DataSendOutcome.Closed;
        if (outcome is DataSendOutcome.Sent or DataSendOutcome.Waiting)
            subscriber.CountDataMessage();
        else
            subscriber.Drop(Reason(outcome));
        subscriber.SendData(now);
    }

    /// <summary>A publisher's channel is closed: the one that was opened for it here goes too, unless another publisher has the same.</summary>
    public void CloseUnused(DataChannelParameters parameters, Instant now)
    {
        if (subscriber.Data is not { } link || _streams.Exists(stream => stream.Publisher.HasDataChannel(parameters)))
            return;
        if (link.Channels.Find(parameters) is not { IsOurs: true } channel)
            return;
        link.Channels.Close(channel, now);
        subscriber.SendData(now);
    }

    private static DropReason Reason(DataSendOutcome outcome) => outcome switch
    {
        DataSendOutcome.BufferFull => DropReason.DataBufferFull,
        DataSendOutcome.TooLarge => DropReason.TooLarge,
        _ => DropReason.NotConnected,
    };
}
