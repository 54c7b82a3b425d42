using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>Caps on what a publisher sends: its room's and its own, by REMB, by transport-wide feedback, and at last by force.</summary>
public sealed class CapTests
{
    private static readonly Bitrate Room = Bitrate.FromKilobits(1500);
    private static readonly Bitrate Own = Bitrate.FromKilobits(500);

    [Fact]
    public void Lowest_of_the_rooms_cap_and_the_participants_is_told_and_lifted_again()
    {
        using var conference = new Conference(seed: 1);
        Join(conference, 1, Room);
        var publisher = Connect(conference, new(conference, 1));
        publisher.Play(2);
        Assert.Equal(Room, Told(publisher));

        Cap(conference, publisher, Own.BitsPerSecond);
        publisher.Play(0.2);
        Assert.Equal(Own, Told(publisher));
        publisher.Play(2);
        var start = conference.Now;
        publisher.Play(2);
        Assert.InRange(publisher.Rate(start), 450, 510);

        Cap(conference, publisher, 0);
        publisher.Play(0.2);
        Assert.Equal(Room, Told(publisher));

        Join(conference, 2, Bitrate.Unlimited);
        publisher.Play(0.2);
        Assert.True(publisher.Estimate > Bitrate.FromKilobits(900_000), "the room's cap is told still");
    }

    [Fact]
    public void Rooms_cap_that_is_another_with_a_later_join_holds_for_those_who_publish_already()
    {
        using var conference = new Conference(seed: 2);
        Join(conference, 1, Bitrate.Unlimited);
        var publisher = Connect(conference, new(conference, 1));
        publisher.Play(1);
        Assert.Null(publisher.Estimate);

        Join(conference, 2, Room);
        publisher.Play(0.2);

        Assert.Equal(Room, Told(publisher));
    }

    [Fact]
    public void Own_cap_stays_when_the_client_negotiates_again_without_a_word_of_it()
    {
        using var conference = new Conference(seed: 3);
        Join(conference, 1, Bitrate.Unlimited);
        var publisher = Connect(conference, new(conference, 1, Own.BitsPerSecond));
        publisher.Play(1);
        Assert.Equal(Own, Told(publisher));

        Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, publisher.PeerId, publisher.Offer, bitrateCap: null, conference.Now));
        publisher.Play(2);
        Assert.Equal(Own, Told(publisher));

        Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, 1, publisher.PeerId, publisher.Offer, bitrateCap: 0, conference.Now));
        publisher.Play(1);
        Assert.True(publisher.Estimate > Own);
    }

    [Fact]
    public void Client_that_takes_no_notice_of_REMB_is_held_by_the_feedback_that_its_sender_lives_on()
    {
        using var conference = new Conference(seed: 4);
        Join(conference, 1, Own);
        var publisher = Connect(conference, new(conference, 1) { HeedsEstimates = false });
        publisher.Play(8);

        var start = conference.Now;
        publisher.Play(20);

        Assert.InRange(publisher.Rate(start), 250, 575);
        Assert.Equal(0, conference.Engine.Drops[DropReason.RtpAboveCap]);

        Join(conference, 2, Bitrate.Unlimited);
        publisher.Play(10);
        start = conference.Now;
        publisher.Play(2);
        Assert.True(publisher.Rate(start) > 575, $"{publisher.Rate(start):F0} kbit/s after the cap was lifted");
    }

    [Fact]
    public void Client_that_heeds_nothing_has_its_video_taken_until_it_sends_less()
    {
        using var conference = new Conference(seed: 5);
        Join(conference, 1, Own);
        var publisher = Connect(conference, new(conference, 1) { HeedsEstimates = false, HeedsFeedback = false });
        conference.Join(2, limits: new(0, Own.BitsPerSecond));
        var viewer = new MeasuringSubscriber(conference, 2, [1]);
        publisher.Play(4);
        Assert.Equal(0, conference.Engine.Drops[DropReason.RtpAboveCap]);

        publisher.Play(4);
        var start = conference.Now;
        publisher.Play(5);
        Assert.Equal(0, viewer.Video.Single().Count(start, conference.Now));
        Assert.True(conference.Engine.Drops[DropReason.RtpAboveCap] > 1000);

        Cap(conference, publisher, 0);
        Join(conference, 3, Bitrate.Unlimited);
        publisher.Play(4);
        start = conference.Now;
        publisher.Play(1);
        Assert.True(viewer.Video.Single().Rate(start, conference.Now) > 2000, "the video has not come back");
    }

    [Fact]
    public void Of_simulcast_above_the_cap_the_encodings_that_fit_go_on()
    {
        using var conference = new Conference(seed: 6);
        // 75, 190 and 1000 kbit/s.
        Join(conference, 1, Bitrate.FromKilobits(300));
        var publisher = new SimulcastPublisher(conference, 1, seed: 6) { FramePackets = [1, 2, 8] };
        conference.RunUntil(() => publisher.Client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(20), "the publisher connects");
        conference.Join(2, limits: new(0, 300_000));
        var viewer = new MeasuringSubscriber(conference, 2, [1], decodes: true);
        Play(8);
        var start = conference.Now;
        Play(4);

        Assert.True(conference.Engine.Drops[DropReason.RtpAboveCap] > 100);
        var shown = viewer.Video.Single().Decoder!.Shown.Where(picture => picture.At >= start).ToList();
        Assert.All(shown, picture => Assert.Equal(1, picture.Stamp.Encoding));
        Assert.InRange(shown.Count, 4 * 25, 4 * 31);

        void Play(int seconds)
        {
            for (var frame = 0; frame < seconds * 30; frame++)
            {
                publisher.SendFrame();
                conference.Run(TimeSpan.FromSeconds(1) / 30);
            }
        }
    }

    private static Bitrate Told(AdaptingPublisher publisher)
    {
        Assert.NotNull(publisher.Estimate);
        // 18 bits of mantissa.
        var told = publisher.Estimate.Value;
        return new((told.BitsPerSecond + 999) / 1000 * 1000);
    }

    private static void Join(Conference conference, ulong user, Bitrate cap) =>
        conference.Join(user, limits: new(0, cap == Bitrate.Unlimited ? 0 : cap.BitsPerSecond));

    private static AdaptingPublisher Connect(Conference conference, AdaptingPublisher publisher)
    {
        conference.RunUntil(
            () => publisher.Client.IsConnected && conference.Happenings<PublisherReady>().Any(), TimeSpan.FromSeconds(20), "the publisher connects");
        return publisher;
    }

    private static void Cap(Conference conference, AdaptingPublisher publisher, long bitsPerSecond) => Conference.Value(
        conference.Engine.Configure(Conference.RoomId, Conference.Epoch, publisher.PeerId, new([], bitsPerSecond, false), conference.Now));
}
