using MediaNode.Core.Net;

namespace MediaNode.Core.UnitTests.Net;

public sealed class StreamFrameTests
{
    [Fact]
    public void Datagrams_come_out_whole_however_the_stream_is_cut()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var sent = Enumerable.Range(0, 50).Select(_ => RandomBytes(random, random.Next(1, StreamFrames.MaximumFrame + 1))).ToList();
            var stream = sent.SelectMany(Framed).ToArray();
            var reader = new StreamFrameReader();
            var received = new List<byte[]>();
            for (var at = 0; at < stream.Length;)
            {
                var room = reader.Receive();
                var piece = Math.Min(Math.Min(room.Length, stream.Length - at), random.Next(1, 4000));
                stream.AsSpan(at, piece).CopyTo(room);
                reader.Advance(piece);
                at += piece;
                while (reader.TryRead(out var frame))
                    received.Add(reader.Frame(frame).ToArray());
            }

            Assert.True(sent.Count == received.Count && sent.Zip(received).All(pair => pair.First.SequenceEqual(pair.Second)), $"seed {seed}");
        }
    }

    [Fact]
    public void Frame_longer_than_the_limit_breaks_the_stream_before_it_is_there()
    {
        var reader = new StreamFrameReader();
        Give(reader, [0x08, 0x01]);

        Assert.False(reader.TryRead(out _));
        Assert.True(reader.IsBroken);
    }

    [Fact]
    public void Empty_frames_are_passed_over()
    {
        var reader = new StreamFrameReader();
        Give(reader, [0, 0, 0, 0, 0, 1, 42, 0, 0]);

        Assert.True(reader.TryRead(out var frame));
        Assert.Equal([42], reader.Frame(frame).ToArray());
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsBroken);
    }

    [Fact]
    public void Media_is_refused_while_anything_waits_and_control_is_kept_up_to_the_limit()
    {
        byte[] media = [0x80, 96, .. new byte[100]];
        byte[] control = [0x81, 201, .. new byte[100]];
        var backlog = new StreamBacklog();
        backlog.AddRest([1, 2, 3]);

        Assert.False(backlog.TryAdd(media));
        var kept = 0;
        while (backlog.TryAdd(control))
            kept++;

        Assert.Equal((StreamBacklog.CapacityBytes - 3) / (control.Length + StreamFrames.HeaderSize), kept);
        Assert.Equal([1, 2, 3, 0, 102, 0x81, 201], backlog.Waiting[..7].ToArray());
    }

    [Fact]
    public void What_waited_goes_out_in_order_however_slowly_it_is_taken()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new Random(seed);
            var backlog = new StreamBacklog();
            var expected = new List<byte>();
            var taken = new List<byte>();
            for (var turn = 0; turn < 500; turn++)
            {
                byte[] control = [0x80, 200, .. RandomBytes(random, random.Next(1200))];
                if (backlog.TryAdd(control))
                    expected.AddRange(Framed(control));
                var count = random.Next(Math.Min(backlog.Waiting.Length, 900) + 1);
                taken.AddRange(backlog.Waiting[..count]);
                backlog.Take(count);
            }
            taken.AddRange(backlog.Waiting);

            Assert.True(expected.SequenceEqual(taken), $"seed {seed}");
        }
    }

    private static void Give(StreamFrameReader reader, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(reader.Receive());
        reader.Advance(bytes.Length);
    }

    private static byte[] Framed(byte[] datagram)
    {
        var framed = new byte[StreamFrames.HeaderSize + datagram.Length];
        StreamFrames.Write(framed, datagram);
        return framed;
    }

    private static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
