using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A frame as the subscriber got it.</summary>
internal sealed record PlayedFrame(FrameStamp Stamp, Vp8PayloadDescriptor Descriptor, uint Timestamp, Instant ShownAt);

/// <summary>
/// Plays everything that one subscriber received as a VP8 receiver would, and checks on the way what such a receiver lives on: sequence numbers without a gap,
/// rising timestamps, picture ids one by one, TL0PICIDX by the rules of RFC 7741, and that every frame's references were decoded before it and after the last key frame.
/// </summary>
internal static class PlayBack
{
    /// <param name="packets">Everything received, by sequence number.</param>
    /// <param name="ignoreFrom">Packets that came later may still miss something before them.</param>
    public static List<PlayedFrame> Check(IReadOnlyCollection<ReceivedPacket> packets, Instant ignoreFrom)
    {
        var played = new List<PlayedFrame>();
        var shown = new Dictionary<int, Instant>();
        PlayedFrame? last = null;
        byte tl0 = 0;
        var emptySince = false;
        var expected = packets.First().Number;
        var hasBegun = false;
        foreach (var frame in Frames(packets.Where(packet => packet.At < ignoreFrom)))
        {
            Assert.Equal(expected, frame[0].Number);
            // Who loses the very first packets does not know of them: a receiver begins with the first key frame that it sees begin.
            hasBegun = hasBegun || BeginsKeyFrame(frame[0]);
            if (!hasBegun)
            {
                expected = frame[^1].Number + 1;
                continue;
            }
            expected = frame[^1].Number + 1;
            if (frame[0].Payload.Length == 0)
            {
                emptySince = true;
                continue;
            }
            var (stamp, descriptor) = Read(frame[0]);
            Assert.True(descriptor.StartsFrame, "a frame begins with its first packet");
            if (last is not null)
                CheckCounters(last, frame[0].Timestamp, descriptor, tl0, emptySince, stamp.IsKeyFrame);
            if (descriptor.TemporalId == 0)
                tl0 = descriptor.Tl0PictureIndex!.Value;
            emptySince = frame[^1].Payload.Length == 0;
            if (stamp.IsKeyFrame)
                shown.Clear();
            // The only frame that may end too early is one that was cut off by the key frame of another encoding.
            var isWhole = frame.Count(packet => packet.Payload.Length > 0) == stamp.Packets;
            var shownAt = frame.Max(packet => packet.At);
            foreach (var reference in stamp.References)
            {
                Assert.True(shown.ContainsKey(reference), $"frame {stamp.Frame} of encoding {stamp.Encoding} needs frame {reference}, which cannot be decoded");
                shownAt = shownAt > shown[reference] ? shownAt : shown[reference];
            }
            last = new(stamp, descriptor, frame[0].Timestamp, shownAt);
            if (!isWhole)
                continue;
            Assert.True(frame[^1].Marker || frame[^1].Payload.Length == 0);
            shown[stamp.Frame] = shownAt;
            played.Add(last);
        }
        return played;
    }

    /// <summary>The longest time without a new picture.</summary>
    public static TimeSpan LongestFreeze(IEnumerable<PlayedFrame> frames)
    {
        var longest = TimeSpan.Zero;
        var last = Instant.Never;
        foreach (var at in frames.Select(frame => frame.ShownAt).Order())
        {
            if (last != Instant.Never && at - last > longest)
                longest = at - last;
            last = at;
        }
        return longest;
    }

    private static void CheckCounters(PlayedFrame last, uint timestamp, in Vp8PayloadDescriptor descriptor, byte tl0, bool emptySince, bool isKeyFrame)
    {
        // A key frame depends on nothing, so ids may have been kept for pictures before it that never came.
        Assert.True((int)(timestamp - last.Timestamp) is > 0 and < 90_000 * 10, $"timestamp {timestamp} after {last.Timestamp}");
        var step = (descriptor.PictureId! - last.Descriptor.PictureId!) & 0x7FFF;
        Assert.True(step == 1 || ((emptySince || isKeyFrame) && step is > 1 and < 10), $"picture id {descriptor.PictureId} after {last.Descriptor.PictureId}");
        if (isKeyFrame)
            Assert.InRange((byte)(descriptor.Tl0PictureIndex! - tl0), 1, 9);
        else
            Assert.Equal(descriptor.TemporalId == 0 ? (byte)(tl0 + 1) : tl0, descriptor.Tl0PictureIndex);
    }

    /// <summary>Runs of packets with one timestamp, or empty packets.</summary>
    private static IEnumerable<List<ReceivedPacket>> Frames(IEnumerable<ReceivedPacket> packets)
    {
        var frame = new List<ReceivedPacket>();
        foreach (var packet in packets)
        {
            if (frame.Count > 0 && (frame[0].Payload.Length == 0 || (packet.Payload.Length > 0 && packet.Timestamp != frame[0].Timestamp)))
            {
                yield return frame;
                frame = [];
            }
            frame.Add(packet);
        }
        if (frame.Count > 0)
            yield return frame;
    }

    private static bool BeginsKeyFrame(ReceivedPacket packet)
    {
        if (packet.Payload.Length == 0)
            return false;
        var (stamp, _) = Read(packet);
        return stamp.IsKeyFrame && stamp.Packet == 0;
    }

    private static (FrameStamp Stamp, Vp8PayloadDescriptor Descriptor) Read(ReceivedPacket packet)
    {
        Assert.True(Vp8PayloadDescriptor.TryParse(packet.Payload, out var descriptor, out _));
        return (FrameStamp.Read(packet.Payload.AsSpan(LayeredSource.StampOffset)), descriptor);
    }
}
