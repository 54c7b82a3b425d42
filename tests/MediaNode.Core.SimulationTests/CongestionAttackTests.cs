using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>What a subscriber can lie about harms nobody but itself, and leaves it its audio.</summary>
public sealed class CongestionAttackTests
{
    private const int Frames = 90;

    [Fact]
    public void Feedback_on_thousands_of_packets_never_sent_is_bounded_and_changes_nothing()
    {
        var (before, after, conference) = Play((subscriber, frame) =>
        {
            // A header, and one run of 4096 received packets: deltas are absent, so it must be of lost ones to be well formed.
            var compound = new byte[30 * 24];
            for (var message = 0; message < 30; message++)
            {
                var packet = compound.AsSpan(message * 24, 24);
                ReadOnlySpan<byte> told = [0x8F, 205, 0, 5, 0, 0, 0, 9, 0, 0, 0, 0, (byte)frame, (byte)(message * 8), 0x10, 0, 0x7F, 0xFF, 0xFF, 1, 0x10, 0, 0, 0];
                told.CopyTo(packet);
            }
            subscriber.SendControl(compound);
        });
        using (conference)
        {
            Assert.Equal(before, after);
            Assert.Equal(Frames * 22, conference.Engine.Drops[DropReason.TooMuchFeedback]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void Absurd_receiver_estimates_leave_audio_alone(long bitsPerSecond)
    {
        var (before, after, conference) = Play((subscriber, _) =>
        {
            Span<byte> buffer = stackalloc byte[64];
            var writer = new RtcpWriter(buffer);
            writer.WriteReceiverBandwidth(new(9), new Bitrate(bitsPerSecond), []);
            subscriber.SendControl(buffer[..writer.Length]);
        });
        using (conference)
            Assert.Equal(before, after);
    }

    [Fact]
    public void Feedback_with_forged_times_leaves_audio_alone()
    {
        var random = new Random(1);
        var (before, after, conference) = Play((subscriber, frame) =>
        {
            Span<byte> buffer = stackalloc byte[512];
            var writer = new RtcpWriter(buffer);
            var time = TimeSpan.FromSeconds(random.Next(-100_000, 100_000));
            var told = new PacketArrival[40];
            for (var i = 0; i < told.Length; i++)
                told[i] = new((ushort)(frame * 10 + i), true, time + TimeSpan.FromMilliseconds(random.Next(-3000, 3000)));
            Assert.True(writer.TryWriteTransportFeedback(new(new(9), default), (byte)frame, told));
            subscriber.SendControl(buffer[..writer.Length]);
        });
        using (conference)
            Assert.Equal(before, after);
    }

    /// <returns>Packets of audio that came in a time without and in one with the attack.</returns>
    private static (int Before, int After, Conference Conference) Play(Action<MeasuringSubscriber, int> attack)
    {
        var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var subscriber = new MeasuringSubscriber(conference, 2, [1]);
        var counts = new int[2];
        for (var part = 0; part < 2; part++)
        {
            var start = conference.Now;
            for (var frame = 0; frame < Frames; frame++)
            {
                if (part == 1)
                    attack(subscriber, frame);
                publisher.SendFrame();
                conference.Run(TimeSpan.FromSeconds(1) / 30);
            }
            counts[part] = subscriber.Audio.Single().Count(start, conference.Now);
        }
        Assert.Equal(Frames, counts[0]);
        return (counts[0], counts[1], conference);
    }
}
