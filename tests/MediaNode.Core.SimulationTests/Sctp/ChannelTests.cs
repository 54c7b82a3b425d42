using System.Buffers.Binary;
using MediaNode.Core.Sctp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests.Sctp;

/// <summary>Data channels over a network that loses, reorders and duplicates.</summary>
public sealed class ChannelTests
{
    private static readonly PathConditions Rough = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(40), 0.1, 0.05);

    public static TheoryData<int> Many => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Many))]
    public void Reliable_ordered_messages_arrive_exactly_once_and_in_order(int seed)
    {
        var pair = new ChannelPair(seed);
        pair.Network.Conditions = Rough;
        pair.Connect();
        var channel = pair.Open(new("ordered"));
        var random = new Random(seed);
        var sent = new List<byte[]>();
        while (sent.Count < 150)
        {
            var message = Message(sent.Count, random.Next(10) == 0 ? random.Next(4, 40_000) : random.Next(4, 300), random);
            if (pair.Left.Send(channel, new(IsText: false, message), pair.Now) == DataSendOutcome.Sent)
                sent.Add(message);
            pair.Run(TimeSpan.FromMilliseconds(random.Next(20)));
        }
        pair.RunUntil(() => pair.RightMessages.Count >= sent.Count && pair.Left.BufferedBytes == 0, TimeSpan.FromMinutes(5), "all messages arrive");
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(sent, pair.RightMessages.Select(message => message.Payload));
        Assert.Equal(0, pair.Left.AbandonedMessages);
    }

    [Theory]
    [MemberData(nameof(Many))]
    public void Reliable_unordered_messages_arrive_exactly_once(int seed)
    {
        var pair = new ChannelPair(seed);
        pair.Network.Conditions = Rough;
        pair.Connect();
        var channel = pair.Open(new("unordered", "", new(false, null, null)));
        var random = new Random(seed);
        for (var i = 0; i < 150; i++)
        {
            Assert.Equal(DataSendOutcome.Sent, pair.Left.Send(channel, new(IsText: false, Message(i, random.Next(4, 4000), random)), pair.Now));
            pair.Run(TimeSpan.FromMilliseconds(10));
        }
        pair.RunUntil(() => pair.RightMessages.Count >= 150, TimeSpan.FromMinutes(5), "all messages arrive");
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(Enumerable.Range(0, 150), Numbers(pair).Order());
    }

    [Theory]
    [MemberData(nameof(Many))]
    public void Partially_reliable_messages_are_given_up_and_those_that_arrive_are_whole_and_in_order(int seed)
    {
        var pair = new ChannelPair(seed);
        pair.Connect();
        var retransmits = pair.Open(new("retransmits", "", new(true, 0, null)));
        var lifetime = pair.Open(new("lifetime", "", new(true, null, TimeSpan.FromMilliseconds(150))));
        pair.Network.Conditions = PathConditions.Perfect with { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(2), Loss = 0.1 };
        var random = new Random(seed);
        var sent = new Dictionary<(string, int), byte[]>();
        for (var i = 0; i < 200; i++)
        {
            foreach (var channel in new[] { retransmits, lifetime })
            {
                var message = Message(i, random.Next(4, 2500), random);
                if (pair.Left.Send(channel, new(IsText: false, message), pair.Now) == DataSendOutcome.Sent)
                    sent.Add((channel.Parameters.Label, i), message);
            }
            pair.Run(TimeSpan.FromMilliseconds(30));
        }
        pair.Network.Conditions = PathConditions.Perfect;
        pair.RunUntil(() => pair.Left.BufferedBytes == 0, TimeSpan.FromMinutes(2), "nothing waits any more");
        pair.Run(TimeSpan.FromSeconds(2));

        Assert.True(pair.Left.AbandonedMessages > 0);
        foreach (var label in new[] { "retransmits", "lifetime" })
        {
            var received = pair.RightMessages.Where(message => message.Label == label).ToList();
            var numbers = received.ConvertAll(message => Number(message.Payload));
            Assert.InRange(numbers.Count, 20, 200);
            Assert.Equal(numbers.Order().Distinct(), numbers);
            Assert.All(received, message => Assert.Equal(sent[(label, Number(message.Payload))], message.Payload));
        }
        // The association goes on: what is sent now arrives.
        pair.Left.Send(retransmits, new(IsText: false, Message(999, 5, random)), pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(999, Number(pair.RightMessages[^1].Payload));
    }

    [Theory]
    [MemberData(nameof(Many))]
    public void Both_sides_open_use_and_close_channels_over_a_rough_network(int seed)
    {
        var pair = new ChannelPair(seed);
        pair.Network.Conditions = Rough;
        pair.Connect();
        for (var round = 0; round < 5; round++)
        {
            var left = pair.Left.Open(new($"left {round}"), pair.Now)!;
            var right = pair.Right.Open(new($"right {round}"), pair.Now)!;
            Assert.Equal((0, 1), (left.StreamId % 2, right.StreamId % 2));
            for (var i = 0; i < 5; i++)
            {
                Assert.Equal(DataSendOutcome.Waiting, pair.Left.Send(left, new(IsText: true, Message(i, 2000, new(i))), pair.Now));
                Assert.Equal(DataSendOutcome.Waiting, pair.Right.Send(right, new(IsText: true, Message(i, 2000, new(i))), pair.Now));
            }
            pair.RunUntil(() => left.State == DataChannelState.Open && right.State == DataChannelState.Open, TimeSpan.FromMinutes(1), "both are open");
            // Both ends at once for one of them.
            pair.Left.Close(left, pair.Now);
            pair.Left.Close(pair.Left.Channels.Single(channel => channel.StreamId == right.StreamId), pair.Now);
            pair.Right.Close(right, pair.Now);
            pair.RunUntil(() => pair.Left.Channels.Count == 0 && pair.Right.Channels.Count == 0, TimeSpan.FromMinutes(2), "both are closed");
            Assert.Equal(5, pair.RightMessages.Count(message => message.Label == $"left {round}"));
        }
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(true, 0)]
    [InlineData(false, 5)]
    [InlineData(false, 0)]
    [InlineData(false, SctpLimits.MessageBytes)]
    public void Message_keeps_its_kind_and_its_bytes(bool isText, int length)
    {
        var pair = new ChannelPair(1);
        pair.Connect();
        var channel = pair.Open(new("any"));
        var payload = new byte[length];
        new Random(1).NextBytes(payload);
        Assert.Equal(DataSendOutcome.Sent, pair.Left.Send(channel, new(isText, payload), pair.Now));
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(("any", isText), (pair.RightMessages.Single().Label, pair.RightMessages.Single().IsText));
        Assert.Equal(payload, pair.RightMessages.Single().Payload);
    }

    [Fact]
    public void Message_longer_than_the_peer_takes_is_refused()
    {
        var pair = new ChannelPair(1, rightMessageBytes: 1000);
        pair.Connect();
        var channel = pair.Open(new("any"));
        Assert.Equal(DataSendOutcome.TooLarge, pair.Left.Send(channel, new(true, new byte[1001]), pair.Now));
        Assert.Equal(DataSendOutcome.Sent, pair.Left.Send(channel, new(true, new byte[1000]), pair.Now));
    }

    [Fact]
    public void Channels_are_bounded_on_both_sides()
    {
        var pair = new ChannelPair(1);
        pair.Connect();
        for (var i = 0; i < DataChannelTransport.MaximumChannels; i++)
            Assert.NotNull(pair.Left.Open(new($"channel {i}"), pair.Now));
        Assert.Null(pair.Left.Open(new("one more"), pair.Now));
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(DataChannelTransport.MaximumChannels, pair.Right.Channels.Count);
        Assert.Null(pair.Right.Open(new("one more"), pair.Now));
    }

    [Fact]
    public void Receiver_that_is_slow_to_hear_holds_a_bounded_buffer_and_loses_nothing_that_was_taken()
    {
        var pair = new ChannelPair(3);
        pair.Connect();
        var channel = pair.Open(new("flood"));
        var random = new Random(3);
        pair.Network.Conditions = PathConditions.Perfect with { Loss = 1 };
        var taken = 0;
        for (var i = 0; i < 100; i++)
        {
            if (pair.Left.Send(channel, new(false, Message(i, 50_000, random)), pair.Now) == DataSendOutcome.Sent)
                taken++;
        }
        Assert.Equal(SctpLimits.SendBufferBytes / 50_000, taken);
        pair.Run(TimeSpan.FromSeconds(3));
        pair.Network.Conditions = PathConditions.Perfect;
        pair.RunUntil(() => pair.RightMessages.Count == taken, TimeSpan.FromMinutes(1), "what was taken arrives");
        Assert.Equal(Enumerable.Range(0, taken), Numbers(pair));
    }

    [Fact]
    public void Megabytes_pass_a_clean_path_at_a_useful_rate()
    {
        var pair = new ChannelPair(4);
        pair.Network.Conditions = PathConditions.Perfect with { Delay = TimeSpan.FromMilliseconds(25) };
        pair.Connect();
        var channel = pair.Open(new("bulk"));
        var begin = pair.Now;
        var sent = 0;
        while (sent < 100)
        {
            if (pair.Left.Send(channel, new(false, new byte[100_000]), pair.Now) == DataSendOutcome.Sent)
                sent++;
            else
                pair.Run(TimeSpan.FromMilliseconds(10));
        }
        pair.RunUntil(() => pair.RightMessages.Count == 100, TimeSpan.FromMinutes(2), "10 MB arrive");
        // 10 MB within 5 s is 16 Mbit/s on a round trip of 50 ms.
        Assert.InRange((pair.Now - begin).TotalSeconds, 0, 5);
    }

    private static byte[] Message(int number, int length, Random random)
    {
        var message = new byte[length];
        random.NextBytes(message);
        BinaryPrimitives.WriteInt32BigEndian(message, number);
        return message;
    }

    private static int Number(byte[] message) => BinaryPrimitives.ReadInt32BigEndian(message);

    private static IEnumerable<int> Numbers(ChannelPair pair) => pair.RightMessages.Select(message => Number(message.Payload));
}
