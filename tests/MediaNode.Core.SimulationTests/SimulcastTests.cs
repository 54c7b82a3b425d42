using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

public sealed class SimulcastTests
{
    private static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(33);
    private const int VideoClockRate = 90_000;

    private static readonly TimeSpan MostFreeze = TimeSpan.FromMilliseconds(500);

    public static TheoryData<int> TwoHundredSeeds => Seeds.TwoHundred;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Subscriber_gets_the_layer_it_asks_for_whatever_order_the_encodings_were_offered_in(bool isLowestFirst)
    {
        using var conference = new Conference(seed: 1);
        var (publisher, subscriber) = Meet(conference, 1, isLowestFirst);
        var largest = isLowestFirst ? 2 : 0;
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(largest, LastEncoding(subscriber));

        subscriber.Want(spatial: 0, temporal: null);
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(2 - largest, LastEncoding(subscriber));

        subscriber.Want(spatial: 1, temporal: null);
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(1, LastEncoding(subscriber));

        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.True(PlayBack.LongestFreeze(played) <= MostFreeze);
        Assert.Contains(conference.Happenings<SubscriptionChanged>(), change => change.PeerId == subscriber.PeerId && change.Substream == 1);
    }

    [Fact]
    public void Encodings_named_by_a_group_of_sources_are_simulcast_like_any()
    {
        using var conference = new Conference(seed: 10);
        var (publisher, subscriber) = Meet(conference, seed: 10, obeysOrders: true, hasRids: false);
        Assert.True(publisher.Stream.Simulcast);
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(2, LastEncoding(subscriber));

        subscriber.Want(spatial: 1, temporal: null);
        Run(conference, publisher, subscriber, frames: 300);
        Assert.Equal(1, LastEncoding(subscriber));
        var wanted = conference.Happenings<LayersWanted>().Last();
        Assert.Equal((true, 1, null, 0), (wanted.IsWatched, wanted.Substream, wanted.Spatial, wanted.Rids.Count));
        Assert.Equal([true, true, false], publisher.Encodings.Select(encoding => encoding.IsActive));

        subscriber.Want(spatial: 2, temporal: null);
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(2, LastEncoding(subscriber));
        Assert.True(PlayBack.LongestFreeze(PlayBack.Check(subscriber.Packets.Values, conference.Now)) <= MostFreeze);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Subscriber_gets_the_largest_picture_that_fits_from_the_first_one_on(bool isLowestFirst)
    {
        using var conference = new Conference(seed: 7);
        var (publisher, subscriber) = Meet(conference, seed: 7, isLowestFirst, layers: new(MaximumWidth: 700, MaximumHeight: 400));
        var (smallest, largest) = isLowestFirst ? (0, 2) : (2, 0);
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(1, LastEncoding(subscriber));
        // The encoding that comes first shows its size before the others do: where that is the largest, one picture of it goes out.
        var first = isLowestFirst ? 0 : publisher.FramePackets[0] * LayeredSource.KeyFrameFactor;
        Assert.InRange(PacketsOf(subscriber, largest), 0, first);

        subscriber.Want(new(MaximumHeight: 719));
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(1, LastEncoding(subscriber));
        Assert.InRange(PacketsOf(subscriber, largest), 0, first);

        subscriber.Want(new(MaximumWidth: 1280, MaximumHeight: 720));
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(largest, LastEncoding(subscriber));

        // Smaller than anything there is.
        subscriber.Want(new(MaximumWidth: 100));
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(smallest, LastEncoding(subscriber));

        // The lower one of two wishes, until one is taken back.
        subscriber.Want(new(Spatial: 1, MaximumWidth: 0, MaximumHeight: 0));
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(1, LastEncoding(subscriber));
        Assert.True(PlayBack.LongestFreeze(PlayBack.Check(subscriber.Packets.Values, conference.Now)) <= MostFreeze);
    }

    [Fact]
    public void Encoding_too_large_for_everybody_is_told_as_not_wanted_and_its_size_remembered()
    {
        using var conference = new Conference(seed: 9);
        var (publisher, subscriber) = Meet(conference, seed: 9, layers: new(MaximumWidth: 640), obeysOrders: true);

        Run(conference, publisher, subscriber, frames: 300);

        Assert.False(publisher.Encodings[2].IsActive);
        Assert.Equal(1, conference.Happenings<LayersWanted>().Last().Substream);

        subscriber.Want(new(MaximumWidth: 1279));
        Run(conference, publisher, subscriber, frames: 60);
        Assert.False(publisher.Encodings[2].IsActive);

        subscriber.Want(new(MaximumWidth: 1280));
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(2, LastEncoding(subscriber));
    }

    [Theory]
    [InlineData(0, 7.5)]
    [InlineData(1, 15)]
    [InlineData(2, 30)]
    public void Temporal_layers_left_out_lower_the_frame_rate_and_nothing_else(byte temporal, double framesPerSecond)
    {
        using var conference = new Conference(seed: 2);
        var (publisher, subscriber) = Meet(conference, 2);
        Run(conference, publisher, subscriber, frames: 60);
        subscriber.Want(spatial: 2, temporal);
        Run(conference, publisher, subscriber, frames: 30);
        var (before, keyFrames) = (subscriber.Packets.Count, publisher.Encodings[2].KeyFrames);
        var begun = conference.Now;

        Run(conference, publisher, subscriber, frames: 120);

        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.InRange(played.Count(frame => frame.ShownAt >= begun) / (120 * FrameInterval.TotalSeconds), framesPerSecond * 0.95, framesPerSecond * 1.1);
        Assert.Equal(keyFrames, publisher.Encodings[2].KeyFrames);
        Assert.True(subscriber.Packets.Count > before);
    }

    [Fact]
    public void Temporal_layers_come_back_without_a_key_frame()
    {
        using var conference = new Conference(seed: 3);
        var (publisher, subscriber) = Meet(conference, 3);
        subscriber.Want(spatial: 2, temporal: 0);
        Run(conference, publisher, subscriber, frames: 60);
        var keyFrames = publisher.Encodings[2].KeyFrames;
        var packets = subscriber.Packets.Count;

        subscriber.Want(spatial: 2, temporal: 2);
        Run(conference, publisher, subscriber, frames: 60);

        Assert.Equal(keyFrames, publisher.Encodings[2].KeyFrames);
        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.Contains(played.TakeLast(4), frame => frame.Descriptor.TemporalId == 2);
        Assert.True(subscriber.Packets.Count - packets > 50 * 3);
    }

    [Fact]
    public void Encoding_that_dies_is_replaced_within_half_a_second_and_taken_again_when_it_returns()
    {
        using var conference = new Conference(seed: 4);
        var (publisher, subscriber) = Meet(conference, 4);
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(2, LastEncoding(subscriber));

        publisher.Encodings[2].IsActive = false;
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(1, LastEncoding(subscriber));

        publisher.Encodings[2].IsActive = true;
        Run(conference, publisher, subscriber, frames: 60);
        Assert.Equal(2, LastEncoding(subscriber));
        Assert.True(PlayBack.LongestFreeze(PlayBack.Check(subscriber.Packets.Values, conference.Now)) <= MostFreeze);
    }

    [Fact]
    public void Stream_resumes_with_a_key_frame_and_without_a_gap_in_its_numbers()
    {
        using var conference = new Conference(seed: 5);
        var (publisher, subscriber) = Meet(conference, 5);
        Run(conference, publisher, subscriber, frames: 30);
        subscriber.Configure(new("", Send: false, null));
        Run(conference, publisher, subscriber, frames: 90);
        var packets = subscriber.Packets.Count;

        subscriber.Configure(new("", Send: true, null));
        Run(conference, publisher, subscriber, frames: 30);

        Assert.True(subscriber.Packets.Count > packets);
        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        // The pause is on the subscriber's clock as long as it was: audio of the publisher went on meanwhile.
        var pause = played.Zip(played.Skip(1)).Max(pair => (int)(pair.Second.Timestamp - pair.First.Timestamp));
        Assert.InRange(pause, 85 * 33 * 90, 105 * 33 * 90);
    }

    [Fact]
    public void Publisher_is_told_which_encodings_are_watched()
    {
        using var conference = new Conference(seed: 6);
        var (publisher, subscriber) = Meet(conference, 6);
        Run(conference, publisher, subscriber, frames: 30);
        Assert.Empty(conference.Happenings<LayersWanted>());

        subscriber.Want(spatial: 1, temporal: null);
        // Back up within the time that a change has to last.
        Run(conference, publisher, subscriber, frames: 100);
        subscriber.Want(spatial: 2, temporal: null);
        Run(conference, publisher, subscriber, frames: 30);
        Assert.Empty(conference.Happenings<LayersWanted>());

        subscriber.Want(spatial: 0, temporal: null);
        Run(conference, publisher, subscriber, frames: 200);
        var less = Assert.Single(conference.Happenings<LayersWanted>());
        Assert.Equal((publisher.PeerId, 0, "q"), (less.PeerId, less.Substream, string.Join(',', less.Rids)));

        subscriber.Want(spatial: 1, temporal: null);
        conference.Drain();
        var more = conference.Happenings<LayersWanted>().Last();
        Assert.Equal((1, "q,h"), (more.Substream, string.Join(',', more.Rids)));
    }

    [Fact]
    public void Feedback_names_a_source_that_the_publisher_sends_from()
    {
        using var conference = new Conference(seed: 8);
        var (publisher, _) = Meet(conference, seed: 8, isLowestFirst: false);
        publisher.Encodings[0].IsActive = publisher.Encodings[1].IsActive = false;

        var named = new HashSet<Ssrc>();
        for (var frame = 0; frame < 30; frame++)
        {
            publisher.SendFrame();
            conference.Run(FrameInterval);
            named.UnionWith(publisher.TakeFeedbackSources());
        }

        Assert.Equal([publisher.Encodings[2].Ssrc], named);
    }

    [Fact]
    public void Mid_is_told_until_the_subscriber_speaks_of_the_source()
    {
        using var conference = new Conference(seed: 7);
        var (publisher, subscriber) = Meet(conference, 7);
        Run(conference, publisher, subscriber, frames: 30);
        Assert.NotEmpty(subscriber.Packets);
        Assert.All(subscriber.Packets.Values, packet => Assert.Equal("0", packet.Mid));

        subscriber.Report();
        Run(conference, publisher, subscriber, frames: 2);
        var before = subscriber.Packets.Count;
        Run(conference, publisher, subscriber, frames: 30);
        Assert.All(subscriber.Packets.Values.Skip(before), packet => Assert.Null(packet.Mid));
    }

    [Theory]
    [MemberData(nameof(TwoHundredSeeds))]
    public void Stream_stays_decodable_through_random_changes_on_a_bad_network(int seed)
    {
        using var conference = new Conference(seed);
        var random = new Random(seed);
        conference.Network.Conditions = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(15), Loss: 0.02, Duplication: 0.01);
        var (publisher, subscriber) = Meet(conference, seed, isLowestFirst: seed % 2 == 0, sendsReports: seed % 3 != 0, acceptsRtx: seed % 5 != 0);
        Run(conference, publisher, subscriber, frames: 60);
        for (var change = 0; change < 25; change++)
        {
            if (random.Next(4) == 0)
                publisher.Encodings[random.Next(1, 3)].IsActive ^= true;
            else
                subscriber.Want((byte)random.Next(3), (byte)random.Next(3));
            Run(conference, publisher, subscriber, frames: random.Next(3, 40));
        }
        conference.Network.Conditions = PathConditions.Perfect;
        var settled = conference.Now;
        Run(conference, publisher, subscriber, frames: 60);

        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.True(played.Count > 100, "too few pictures to say anything");
        Assert.True(played[^1].ShownAt > settled);
        Assert.True(subscriber.Retransmissions > 0 || seed % 5 == 0, "nothing was lost, so nothing was tried");
        Assert.Equal(0, subscriber.Client.BadPackets);
        // Loss of a key frame costs a retransmission more than the half second.
        Assert.InRange(PlayBack.LongestFreeze(played), TimeSpan.Zero, MostFreeze + TimeSpan.FromMilliseconds(250));
    }

    /// <summary>Its sender reports say how the encodings' clocks relate; of two that were sent before and after the jump, they say nonsense.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Publishers_date_that_jumps_by_an_hour_between_two_reports_moves_no_picture(int hours)
    {
        using var conference = new Conference(seed: 5);
        var (publisher, subscriber) = Meet(conference, 5);
        Run(conference, publisher, subscriber, frames: 60);

        for (var encoding = 2; encoding >= 0; encoding--)
        {
            publisher.ClockErrors[encoding] = TimeSpan.FromHours(hours);
            Run(conference, publisher, subscriber, frames: 40);
            foreach (byte wish in new byte[] { 0, 2, 1 })
            {
                subscriber.Want(wish, temporal: null);
                Run(conference, publisher, subscriber, frames: 30);
            }
        }

        var played = PlayBack.Check(subscriber.Packets.Values, conference.Now);
        Assert.True(PlayBack.LongestFreeze(played) <= MostFreeze);
        foreach (var (earlier, later) in played.Zip(played.Skip(1)))
        {
            var between = TimeSpan.FromSeconds((later.Timestamp - earlier.Timestamp) / (double)VideoClockRate);
            Assert.InRange((between - (later.ShownAt - earlier.ShownAt)).Duration().TotalMilliseconds, 0, 200);
        }
        Assert.True(played.Select(frame => frame.Stamp.Encoding).Distinct().Count() == 3, "not every encoding was shown");
    }

    private static (SimulcastPublisher Publisher, DecodingSubscriber Subscriber) Meet(
        Conference conference, int seed, bool isLowestFirst = true, bool sendsReports = true, bool acceptsRtx = true, LayerWish? layers = null, bool obeysOrders = false, bool hasRids = true)
    {
        conference.Join(1);
        var publisher = new SimulcastPublisher(conference, 1, seed, isLowestFirst, sendsReports, hasRids: hasRids) { ObeysOrders = obeysOrders };
        conference.RunUntil(() => conference.Happenings<PublisherReady>().Any() && publisher.Client.IsConnected, TimeSpan.FromSeconds(20), "the publisher connects");
        conference.Join(2);
        var subscriber = new DecodingSubscriber(conference, 2, publisher.User, acceptsRtx, layers: layers);
        conference.RunUntil(
            () => conference.Happenings<PeerConnected>().Any(connected => connected.PeerId == subscriber.PeerId), TimeSpan.FromSeconds(20), "the subscriber connects");
        return (publisher, subscriber);
    }

    private static void Run(Conference conference, SimulcastPublisher publisher, DecodingSubscriber subscriber, int frames)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            publisher.SendFrame();
            for (var part = 0; part < 3; part++)
            {
                conference.Run(FrameInterval / 3);
                subscriber.Receive();
                publisher.HandleFeedback();
            }
        }
    }

    private static int LastEncoding(DecodingSubscriber subscriber) => EncodingOf(subscriber.Packets.Values.Last(packet => packet.Payload.Length > 0));

    private static IEnumerable<int> Encodings(DecodingSubscriber subscriber) => subscriber.Packets.Values.Where(packet => packet.Payload.Length > 0).Select(EncodingOf).Distinct();

    private static int PacketsOf(DecodingSubscriber subscriber, int encoding) =>
        subscriber.Packets.Values.Count(packet => packet.Payload.Length > 0 && EncodingOf(packet) == encoding);

    private static int EncodingOf(ReceivedPacket packet) => FrameStamp.Read(packet.Payload.AsSpan(LayeredSource.StampOffset)).Encoding;
}
