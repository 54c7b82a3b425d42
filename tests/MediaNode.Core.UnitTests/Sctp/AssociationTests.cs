using MediaNode.Core.Sctp;

namespace MediaNode.Core.UnitTests.Sctp;

public sealed class AssociationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Either_side_or_both_at_once_may_begin(bool left, bool right)
    {
        var pair = new AssociationPair();
        if (left)
            pair.Left.Start(pair.Now);
        if (right)
            pair.Right.Start(pair.Now);
        pair.Run(Second);

        Assert.Equal((AssociationState.Established, AssociationState.Established), (pair.Left.State, pair.Right.State));
        pair.SendLeft(new byte[] { 1, 2, 3 });
        pair.Run(Second);
        Assert.Equal([1, 2, 3], pair.RightMessages.Single().Payload.ToArray());
    }

    [Fact]
    public void INIT_changes_nothing_until_its_cookie_comes_back()
    {
        var pair = new AssociationPair();
        pair.Filter = (toRight, _) => toRight;
        pair.Left.Start(pair.Now);
        pair.Run(Second);

        Assert.Equal(AssociationState.Closed, pair.Right.State);
        Assert.Contains(pair.Sent, sent => !sent.ToRight && Packets.Types(sent.Packet).Contains(ChunkType.InitAck));
    }

    [Fact]
    public void Handshake_is_given_up_and_can_still_be_begun_by_the_peer()
    {
        var pair = new AssociationPair { Filter = (_, _) => false };
        pair.Left.Start(pair.Now);
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(AssociationState.Closed, pair.Left.State);
        Assert.Equal(SctpLimits.HandshakeRetries + 1, pair.Sent.Count);

        pair.Filter = (_, _) => true;
        pair.Right.Start(pair.Now);
        pair.Run(Second);
        Assert.Equal(AssociationState.Established, pair.Left.State);
    }

    [Fact]
    public void Forged_and_old_cookies_begin_nothing()
    {
        var pair = new AssociationPair();
        byte[]? echo = null;
        pair.Filter = (_, packet) =>
        {
            if (Packets.Types(packet)[0] != ChunkType.CookieEcho)
                return true;
            echo = packet;
            return false;
        };
        pair.Left.Start(pair.Now);
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.NotNull(echo);

        for (var i = 16; i < echo.Length; i++)
        {
            byte[] forged = [.. echo];
            forged[i] ^= 1;
            pair.Inject(Packets.WithTag(forged, Packets.Tag(echo)));
            Assert.Equal(AssociationState.Closed, pair.Right.State);
        }
        pair.Run(SctpLimits.CookieLife);
        pair.Sent.Clear();
        pair.Inject(echo);
        Assert.Equal(AssociationState.Closed, pair.Right.State);
        Assert.Equal([ChunkType.Error], Packets.Types(pair.Sent.Single().Packet));
    }

    [Fact]
    public void Long_message_is_cut_and_put_together()
    {
        var pair = AssociationPair.Connected();
        var message = Numbered(100_000);

        Assert.True(pair.SendLeft(message));
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(message, pair.RightMessages.Single().Payload.ToArray());
        Assert.All(pair.Sent, sent => Assert.InRange(sent.Packet.Length, 1, SctpLimits.PacketBytes));
        Assert.Equal(0, pair.Left.BufferedBytes);
    }

    [Fact]
    public void Every_second_packet_is_acknowledged_and_a_single_one_after_the_delay()
    {
        var pair = AssociationPair.Connected();
        pair.SendLeft(new byte[10]);
        pair.Run(TimeSpan.FromMilliseconds(50));
        Assert.DoesNotContain(pair.Sent, sent => !sent.ToRight);

        pair.Run(SctpLimits.SackDelay);
        Assert.Equal([ChunkType.Sack], Packets.Types(pair.Sent.Single(sent => !sent.ToRight).Packet));
    }

    [Fact]
    public void Lost_packet_is_sent_again_after_three_reports_without_a_timeout()
    {
        var pair = AssociationPair.Connected();
        pair.SendLeft(Numbered(20_000));
        pair.Run(TimeSpan.FromSeconds(2));
        pair.Sent.Clear();
        var count = 0;
        pair.Filter = (toRight, packet) => !toRight || packet.Length < 1000 || ++count != 3;

        var begin = pair.Now;
        pair.SendLeft(Numbered(20_000));
        pair.Run(RetransmissionTimeout.Minimum / 2);

        Assert.Equal(2, pair.RightMessages.Count());
        Assert.True(pair.Now - begin < RetransmissionTimeout.Minimum);
    }

    [Fact]
    public void Ordered_messages_wait_for_their_predecessor_and_unordered_ones_do_not()
    {
        var pair = AssociationPair.Connected();
        pair.Filter = (toRight, _) => !toRight;
        pair.SendLeft(new byte[] { 1 });
        pair.Run(TimeSpan.FromMilliseconds(1));
        pair.Filter = (_, _) => true;
        pair.SendLeft(new byte[] { 2 });
        pair.SendLeft(new byte[] { 3 }, new(false, null, null));
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal([3], pair.RightMessages.Select(message => message.Payload.Span[0]));

        pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal([3, 1, 2], pair.RightMessages.Select(message => message.Payload.Span[0]));
    }

    [Fact]
    public void Message_without_retransmissions_is_given_up_and_the_next_one_goes_on()
    {
        var pair = AssociationPair.Connected();
        pair.Filter = (toRight, _) => !toRight;
        pair.SendLeft(new byte[] { 1 }, new(true, 0, null));
        pair.Run(TimeSpan.FromMilliseconds(1));
        pair.Filter = (_, _) => true;
        pair.SendLeft(new byte[] { 2 }, new(true, 0, null));
        pair.Run(TimeSpan.FromSeconds(3));

        Assert.Equal([2], pair.RightMessages.Select(message => message.Payload.Span[0]));
        Assert.Equal(1, pair.Left.AbandonedMessages);
        Assert.Contains(pair.Sent, sent => Packets.Types(sent.Packet).Contains(ChunkType.ForwardTsn));
        Assert.Equal(0, pair.Left.BufferedBytes);
    }

    [Fact]
    public void Message_that_is_too_late_halfway_is_given_up_on_both_sides()
    {
        var pair = AssociationPair.Connected();
        pair.Filter = (toRight, _) => !toRight || pair.Sent.Count(sent => sent.ToRight) <= 2;
        pair.SendLeft(Numbered(200_000), new(true, null, TimeSpan.FromMilliseconds(300)));
        pair.Run(TimeSpan.FromMilliseconds(400));
        pair.Filter = (_, _) => true;
        pair.SendLeft(new byte[] { 7 });
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.Equal([7], pair.RightMessages.Select(message => message.Payload.Span[0]));
        Assert.Equal(0, pair.Left.BufferedBytes);
    }

    [Fact]
    public void Expired_message_that_never_went_out_leaves_no_gap()
    {
        var pair = AssociationPair.Connected();
        pair.Filter = (_, _) => false;
        pair.SendLeft(Numbered(50_000));
        pair.SendLeft(new byte[] { 1 }, new(true, null, TimeSpan.FromMilliseconds(10)));
        pair.SendLeft(new byte[] { 2 });
        pair.Run(TimeSpan.FromMilliseconds(100));
        pair.Filter = (_, _) => true;
        pair.Run(TimeSpan.FromSeconds(10));

        Assert.Equal([50_000, 1], pair.RightMessages.Select(message => message.Payload.Length));
        Assert.Equal(2, pair.RightMessages.Last().Payload.Span[0]);
    }

    [Fact]
    public void Stream_is_begun_anew_after_its_messages()
    {
        var pair = AssociationPair.Connected();
        for (var i = 0; i < 5; i++)
            pair.SendLeft(Numbered(5000), stream: 4);
        Assert.True(pair.Left.TryResetStream(4, pair.Now));
        pair.Run(TimeSpan.FromSeconds(5));

        var kinds = pair.RightEvents.Where(received => received.StreamId == 4).Select(received => received.Kind).ToList();
        Assert.Equal(5, kinds.Count(kind => kind == AssociationEventKind.Message));
        Assert.Equal(AssociationEventKind.StreamResetByPeer, kinds[^1]);
        Assert.Contains(pair.LeftEvents, received => received is { Kind: AssociationEventKind.StreamResetDone, StreamId: 4 });

        pair.SendLeft(new byte[] { 9 }, stream: 4);
        pair.Run(Second);
        Assert.Equal(9, pair.RightMessages.Last().Payload.Span[0]);
    }

    [Fact]
    public void Silent_peer_is_asked_and_given_up()
    {
        var pair = AssociationPair.Connected();
        pair.Run(TimeSpan.FromSeconds(40));
        Assert.Contains(pair.Sent, sent => !sent.ToRight && Packets.Types(sent.Packet).Contains(ChunkType.HeartbeatAck));
        Assert.Equal(AssociationState.Established, pair.Left.State);

        pair.Filter = (_, _) => false;
        pair.SendLeft(new byte[1]);
        pair.Run(TimeSpan.FromMinutes(3));
        Assert.Equal((AssociationState.Ended, "lost"), (pair.Left.State, pair.Left.EndReason));
        Assert.False(pair.SendLeft(new byte[1]));
    }

    [Fact]
    public void Shutdown_sends_what_waits_first()
    {
        var pair = AssociationPair.Connected();
        pair.SendLeft(Numbered(30_000));
        pair.Left.Shutdown(pair.Now);
        Assert.False(pair.SendLeft(new byte[1]));
        pair.Run(TimeSpan.FromSeconds(5));

        Assert.Equal(30_000, pair.RightMessages.Single().Payload.Length);
        Assert.Equal(("shutdown", "shutdown"), (pair.Left.EndReason, pair.Right.EndReason));
    }

    [Fact]
    public void Abort_ends_both()
    {
        var pair = AssociationPair.Connected();
        pair.Left.Abort("over");
        pair.Run(Second);

        Assert.Equal(("over", "aborted"), (pair.Left.EndReason, pair.Right.EndReason));
        Assert.Equal(AssociationEventKind.Ended, pair.RightEvents[^1].Kind);
    }

    [Fact]
    public void Send_buffer_is_bounded_and_leaves_room_for_reliable_messages()
    {
        var pair = AssociationPair.Connected();
        pair.Filter = (_, _) => false;
        var message = new byte[SctpLimits.MessageBytes / 4];
        var unreliable = 0;
        while (pair.SendLeft(message, new(true, 0, null)))
            unreliable++;
        Assert.Equal(SctpLimits.UnreliableSendBufferBytes / message.Length, unreliable);
        var reliable = 0;
        while (pair.SendLeft(message))
            reliable++;
        Assert.Equal((SctpLimits.SendBufferBytes - SctpLimits.UnreliableSendBufferBytes) / message.Length, reliable);
        Assert.False(pair.SendLeft(new byte[SctpLimits.MessageBytes + 1]));
    }

    [Fact]
    public void Many_tiny_messages_are_bounded_by_number()
    {
        var pair = new AssociationPair();
        var taken = 0;
        while (pair.SendLeft(new byte[1]))
            taken++;
        Assert.Equal(SctpLimits.SendBufferMessages, taken);
    }

    internal static byte[] Numbered(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i * 31 + i / 251);
        return bytes;
    }
}
