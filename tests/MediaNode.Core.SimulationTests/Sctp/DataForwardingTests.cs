using MediaNode.Core.Forwarding;
using MediaNode.Core.Sctp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests.Sctp;

/// <summary>Data channel messages from a publisher over the node to its subscribers, through ICE, DTLS and SCTP on both sides.</summary>
public sealed class DataForwardingTests
{
    private const string Janus = "JanusDataChannel";

    [Theory]
    [MemberData(nameof(Seeds.TwoHundred), MemberType = typeof(Seeds))]
    public void Messages_reach_every_subscriber_of_the_publisher_by_label(int seed)
    {
        using var conference = new Conference(seed);
        conference.Network.Conditions = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20), 0.05, 0.02);
        var ann = DataParticipant.Publish(conference, 1, withAudio: true);
        var bob = DataParticipant.Publish(conference, 2);
        var toCem = DataParticipant.Subscribe(conference, 3, true, 1);
        var toDan = DataParticipant.Subscribe(conference, 4, true, 1);
        var bobsToEve = DataParticipant.Subscribe(conference, 5, true, 2);
        DataParticipant[] receivers = [toCem, toDan, bobsToEve];

        for (var i = 0; i < 20; i++)
        {
            ann.Send(Janus, $"ann {i}");
            ann.Send("chat", $"chat {i}");
            bob.Send(Janus, $"bob {i}");
            conference.Run(TimeSpan.FromMilliseconds(50));
        }
        conference.RunUntil(
            () => Array.TrueForAll(receivers, receiver => Take(receiver) >= (receiver == bobsToEve ? 20 : 40)), TimeSpan.FromSeconds(60), "everything arrives");
        conference.Run(TimeSpan.FromSeconds(2));

        foreach (var receiver in new[] { toCem, toDan })
        {
            Take(receiver);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"ann {i}"), Texts(receiver, Janus));
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"chat {i}"), Texts(receiver, "chat"));
            Assert.Equal(2, receiver.Client.OpenedByPeer.Count);
        }
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"bob {i}"), bobsToEve.Texts);
        Assert.Equal(100, conference.Engine.Counters.DataMessagesForwarded);
    }

    [Fact]
    public void Channel_that_the_subscriber_has_opened_itself_is_used()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        var bob = DataParticipant.Subscribe(conference, 2, true, 1);
        Assert.True(bob.Client.OpenChannel(new(Janus), conference.Now));
        conference.Run(TimeSpan.FromSeconds(1));

        ann.Send(Janus, "hello");
        // The same label with another reliability is another channel.
        ann.Client.SendMessage(new(Janus, "", new(false, 0, null)), true, "loose"u8.ToArray(), conference.Now);
        conference.Run(TimeSpan.FromSeconds(1));
        Take(bob);

        Assert.Equal(["hello", "loose"], bob.Texts);
        Assert.Equal(new DataChannelParameters(Janus, "", new(false, 0, null)), bob.Client.OpenedByPeer.Single());
    }

    [Fact]
    public void Kinds_and_long_messages_are_kept()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        var bob = DataParticipant.Subscribe(conference, 2, true, 1);
        var file = new byte[200_000];
        new Random(1).NextBytes(file);
        (bool IsText, byte[] Payload)[] messages = [(true, "text"u8.ToArray()), (false, [1, 2]), (true, []), (false, []), (false, file)];
        foreach (var (isText, payload) in messages)
            Assert.True(ann.Client.SendMessage(new("any"), isText, payload, conference.Now));
        conference.RunUntil(() => Take(bob) == messages.Length, TimeSpan.FromSeconds(20), "all arrive");

        Assert.Equal(messages, bob.Received.Select(received => (received.IsText, received.Payload)), (left, right) => left.IsText == right.IsText && left.Payload.AsSpan().SequenceEqual(right.Payload));
    }

    [Fact]
    public void Messages_wait_for_a_subscriber_whose_channel_is_not_open_yet()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        ann.Send(Janus, "before anybody was there");
        conference.Run(TimeSpan.FromSeconds(1));
        var bob = DataParticipant.Subscribe(conference, 2, wait: false, 1);
        for (var i = 0; i < DataChannelTransport.MaximumWaitingMessages + 50; i++)
            ann.Send(Janus, $"{i}");
        conference.RunUntil(() => bob.Client.HasDataChannels, TimeSpan.FromSeconds(10), "the subscriber is up");
        conference.Run(TimeSpan.FromSeconds(5));
        Take(bob);

        Assert.Equal(Enumerable.Range(0, bob.Received.Count).Select(i => $"{i}"), bob.Texts);
        Assert.InRange(bob.Received.Count, DataChannelTransport.MaximumWaitingMessages, DataChannelTransport.MaximumWaitingMessages + 50);
    }

    [Fact]
    public void One_subscriber_of_two_publishers_has_one_data_line_and_one_channel_per_label()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        var bob = DataParticipant.Publish(conference, 2);
        var cem = DataParticipant.Subscribe(conference, 3, true, 1, 2);
        ann.Send(Janus, "of ann");
        bob.Send(Janus, "of bob");
        conference.Run(TimeSpan.FromSeconds(1));
        Take(cem);
        Assert.Equal(["of ann", "of bob"], cem.Texts.Order());
        Assert.Single(cem.Client.ChannelLabels);

        Conference.Value(conference.Engine.UpdateSubscription(Conference.RoomId, Conference.Epoch, cem.PeerId, [], [new(1, "")], false, conference.Now));
        ann.Send(Janus, "not any more");
        bob.Send(Janus, "still");
        conference.Run(TimeSpan.FromSeconds(1));
        Take(cem);
        Assert.Equal(3, cem.Received.Count);
        Assert.Single(cem.Client.ChannelLabels);

        Conference.Value(conference.Engine.Leave(Conference.RoomId, Conference.Epoch, 2, null, conference.Now));
        conference.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(cem.Client.ChannelLabels);
    }

    [Fact]
    public void Channel_that_the_publisher_closes_is_closed_for_its_subscribers()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        var bob = DataParticipant.Subscribe(conference, 2, true, 1);
        ann.Send("chat", "one");
        conference.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["chat"], bob.Client.ChannelLabels);

        ann.Client.CloseChannel(new("chat"), conference.Now);
        conference.RunUntil(() => bob.Client.ChannelLabels.Count == 0 && ann.Client.ChannelLabels.Count == 0, TimeSpan.FromSeconds(5), "the channel is closed on both sides");
        ann.Send("chat", "two");
        conference.Run(TimeSpan.FromSeconds(1));
        Take(bob);
        Assert.Equal(["one", "two"], bob.Texts);
    }

    [Fact]
    public void Subscriber_who_stops_reading_costs_a_bounded_buffer_and_disturbs_nobody()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        var bob = DataParticipant.Subscribe(conference, 2, true, 1);
        var cem = DataParticipant.Subscribe(conference, 3, true, 1);
        ann.Send(Janus, "first");
        conference.Run(TimeSpan.FromSeconds(1));
        conference.Unplug(bob.Client);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(ann.Client.SendMessage(new(Janus), false, new byte[50_000], conference.Now));
            conference.Run(TimeSpan.FromMilliseconds(200));
        }
        Take(cem);

        Assert.Equal(101, cem.Received.Count);
        Assert.InRange(conference.Engine.Drops[DropReason.DataBufferFull], 70, 90);
    }

    [Fact]
    public void What_a_subscriber_sends_goes_nowhere()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        var bob = DataParticipant.Subscribe(conference, 2, true, 1);
        bob.Send(Janus, "hello?");
        conference.Run(TimeSpan.FromSeconds(1));
        Take(ann);

        Assert.Empty(ann.Received);
        Assert.Equal(1, conference.Engine.Drops[DropReason.DataUnexpected]);
    }

    [Fact]
    public void Channel_that_cannot_be_opened_is_counted()
    {
        using var conference = new Conference(1);
        var ann = DataParticipant.Publish(conference, 1);
        conference.Run(TimeSpan.FromSeconds(1));

        ann.Client.OpenChannel(new(new string('x', DataChannelParameters.MaximumTextBytes + 1)), conference.Now);
        conference.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(1, conference.Engine.Drops[DropReason.DataUnusable]);
    }

    private static int Take(DataParticipant participant)
    {
        participant.Receive();
        return participant.Received.Count;
    }

    private static IEnumerable<string> Texts(DataParticipant receiver, string label) =>
        receiver.Received.Where(received => received.Channel.Label == label).Select(received => System.Text.Encoding.UTF8.GetString(received.Payload));
}
