using MediaNode.Core.Srtp;

namespace MediaNode.Core.UnitTests.Srtp;

public sealed class SrtpStateTests
{
    private const uint Ssrc = 7;

    public static TheoryData<SrtpProfile> Profiles => SrtpPackets.Profiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Replayed_rtp_and_rtcp_are_refused(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var rtp = SrtpPackets.ProtectedRtp(sender, Ssrc, index: 5);
        var rtcp = SrtpPackets.ProtectedRtcp(sender, Ssrc);

        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, rtp, out _));
        Assert.Equal(SrtpFailure.Replayed, SrtpPackets.Receive(receiver, rtp, out _));
        Assert.True(receiver.TryUnprotectRtcp(rtcp.ToArray(), out _, out _));
        Assert.False(receiver.TryUnprotectRtcp(rtcp.ToArray(), out _, out var failure));
        Assert.Equal(SrtpFailure.Replayed, failure);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Packet_that_was_overtaken_is_not_the_newest(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var control = Enumerable.Range(0, 3).Select(_ => SrtpPackets.ProtectedRtcp(sender, Ssrc)).ToList();

        Assert.True(IsNewest(5));
        Assert.True(IsNewest(7));
        Assert.False(IsNewest(6));
        Assert.True(IsNewest(8));
        Assert.True(IsNewestControl(0));
        Assert.True(IsNewestControl(2));
        Assert.False(IsNewestControl(1));

        bool IsNewest(ulong index)
        {
            Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, index), out _));
            return receiver.WasNewest;
        }

        bool IsNewestControl(int number)
        {
            Assert.True(receiver.TryUnprotectRtcp([.. control[number]], out _, out _));
            return receiver.WasNewest;
        }
    }

    [Fact]
    public void Window_holds_exactly_its_size()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);
        const ulong Newest = 5000;
        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, Newest), out _));

        var oldestInside = Newest - ReplayWindow.SizePackets + 1;
        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, oldestInside), out _));
        Assert.Equal(SrtpFailure.Replayed, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, oldestInside), out _));
        Assert.Equal(SrtpFailure.TooOld, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, oldestInside - 1), out _));
    }

    [Fact]
    public void Replay_window_equals_a_plain_set_on_random_input()
    {
        var random = new Random(11);
        var window = new ReplayWindow();
        var received = new HashSet<ulong>();
        ulong highest = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var index = (ulong)Math.Max(0, (long)highest + random.Next(-1500, random.Next(100) == 0 ? 3000 : 3));
            var expected = received.Count > 0 && index + ReplayWindow.SizePackets <= highest ? SrtpFailure.TooOld
                : received.Contains(index) ? SrtpFailure.Replayed : SrtpFailure.None;
            Assert.Equal(expected, window.Check(index));
            if (expected != SrtpFailure.None)
                continue;

            window.Accept(index);
            received.Add(index);
            highest = Math.Max(highest, index);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Rollover_counter_follows_three_wraps_with_loss_and_reordering(SrtpProfile profile)
    {
        var random = new Random(5);
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        var inFlight = new List<ulong>();
        var checkedPackets = 0;

        for (ulong index = 60_000; index < 60_000 + (3 << 16); index++)
        {
            // Four in five around a wrap, shuffled by eights; one in a hundred elsewhere: the gaps are the loss.
            var nearWrap = (ushort)index is > 65_400 or < 150;
            if (random.Next(100) < (nearWrap ? 80 : 1))
                inFlight.Add(index);
            if (inFlight.Count < (nearWrap ? 8 : 1))
                continue;

            foreach (var arriving in inFlight.OrderBy(_ => random.Next()).ToList())
            {
                Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, arriving), out var estimated));
                Assert.Equal(arriving, estimated);
                checkedPackets++;
            }

            inFlight.Clear();
        }

        Assert.True(checkedPackets > 2000, $"{checkedPackets} packets");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Forged_jump_of_the_sequence_number_does_not_move_the_rollover_counter(SrtpProfile profile)
    {
        using var sender = SrtpPackets.NewSender(profile);
        using var receiver = SrtpPackets.NewReceiver(profile);
        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, index: 65_000), out _));

        foreach (var sequenceNumber in new ushort[] { 0, 1, 20_000, 32_000, 65_535 })
        {
            var forged = SrtpPackets.ProtectedRtp(sender, Ssrc, index: 65_001);
            (forged[2], forged[3]) = ((byte)(sequenceNumber >> 8), (byte)sequenceNumber);
            Assert.NotEqual(SrtpFailure.None, SrtpPackets.Receive(receiver, forged, out _));
        }

        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, index: 65_001), out var index));
        Assert.Equal(65_001UL, index);
    }

    [Fact]
    public void Each_ssrc_has_its_own_rollover_counter_and_window()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);

        foreach (var index in new ulong[] { 40_000, 65_535, 65_536, 90_000 })
            Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc: 1, index), out _));

        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc: 2, index: 40_000), out var other));
        Assert.Equal(40_000UL, other);
        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc: 1, index: 90_001), out var first));
        Assert.Equal(90_001UL, first);
    }

    [Fact]
    public void Packet_from_before_the_first_one_across_a_wrap_is_too_old()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);
        Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, index: 3), out _));

        Assert.Equal(SrtpFailure.TooOld, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, Ssrc, index: 65_535), out _));
    }

    [Theory]
    [InlineData(0xFFFF_FFFF_FFFFUL, 0, SrtpFailure.KeyExhausted, 0UL)]
    [InlineData(0xFFFF_FFFF_0005UL, 6, SrtpFailure.None, 0xFFFF_FFFF_0006UL)]
    [InlineData(0x1_0000UL, 0x8000, SrtpFailure.None, 0x1_8000UL)]
    [InlineData(0x1_0000UL, 0x8001, SrtpFailure.None, 0x0_8001UL)]
    [InlineData(0x1_FFFFUL, 0x7FFF, SrtpFailure.None, 0x1_7FFFUL)]
    [InlineData(0x1_FFFFUL, 0x7FFE, SrtpFailure.None, 0x2_7FFEUL)]
    [InlineData(0x0UL, 0x8001, SrtpFailure.TooOld, 0UL)]
    public void Index_is_estimated_nearest_to_the_highest(ulong highest, int sequenceNumber, SrtpFailure failure, ulong expected)
    {
        Assert.Equal(failure, SrtpIndexEstimate.TryEstimate(highest, (ushort)sequenceNumber, out var index));
        Assert.Equal(expected, index);
    }

    [Fact]
    public void Flood_of_ssrcs_is_bounded_and_does_not_disturb_those_in_use()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);

        for (uint ssrc = 0; ssrc < SrtpSources.OfOnePublisher; ssrc++)
            Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc, index: 1), out _));
        for (uint ssrc = 1000; ssrc < 2000; ssrc++)
            Assert.Equal(SrtpFailure.TooManySources, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc, index: 1), out _));

        Assert.Equal(SrtpSources.OfOnePublisher, receiver.RtpSourceCount);
        for (uint ssrc = 0; ssrc < SrtpSources.OfOnePublisher; ssrc++)
            Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc, index: 2), out _));
    }

    [Fact]
    public void Receiver_of_a_whole_room_holds_more_sources_when_told_to()
    {
        using var sender = SrtpPackets.NewSender(SrtpProfile.AeadAes128Gcm);
        using var receiver = SrtpPackets.NewReceiver(SrtpProfile.AeadAes128Gcm);
        receiver.MaximumSources = 200;

        for (ulong index = 1; index <= 2; index++)
        {
            for (uint ssrc = 0; ssrc < 200; ssrc++)
                Assert.Equal(SrtpFailure.None, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc, index), out _));
        }

        Assert.Equal(200, receiver.RtpSourceCount);
        Assert.Equal(SrtpFailure.TooManySources, SrtpPackets.Receive(receiver, SrtpPackets.ProtectedRtp(sender, ssrc: 200, index: 1), out _));
    }

    [Fact]
    public void Source_that_nobody_uses_gives_its_slot_to_a_new_one_when_it_has_been_silent()
    {
        var sources = FullSources();
        Assert.Equal(SrtpFailure.TooManySources, sources.CheckNew(99));

        var index = TalkWithoutTheFirst(sources);
        Assert.InRange(index * (SrtpSources.OfOnePublisher - 1), sources.SilencePackets, sources.SilencePackets + 2 * SrtpSources.OfOnePublisher);
        sources.Accept(SrtpSources.None, ssrc: 99, index: 1);

        Assert.Equal(SrtpSources.None, sources.Find(0));
        Assert.NotEqual(SrtpSources.None, sources.Find(1));
        Assert.Equal(1UL, sources.Window(sources.Find(99)).Highest);
    }

    [Fact]
    public void Source_that_somebody_uses_keeps_its_slot_however_long_it_is_silent()
    {
        var sources = FullSources();
        sources.IsInUse = ssrc => ssrc == 0;

        for (uint ssrc = 1000; ssrc < 1000 + 3 * SrtpSources.OfOnePublisher; ssrc++)
        {
            for (var i = 0; i < (int)sources.SilencePackets; i++)
                sources.Accept(sources.Find(5), 5, (ulong)((ssrc - 1000) * (int)sources.SilencePackets + i + 2));
            Assert.Equal(SrtpFailure.None, sources.CheckNew(ssrc));
            sources.Accept(SrtpSources.None, ssrc, index: 1);
        }

        Assert.NotEqual(SrtpSources.None, sources.Find(0));
        Assert.Equal(SrtpFailure.Replayed, sources.Window(sources.Find(0)).Check(1));
    }

    [Fact]
    public void Packets_of_a_source_that_gave_way_cannot_be_played_again()
    {
        var sources = FullSources();
        TalkWithoutTheFirst(sources);
        sources.Accept(SrtpSources.None, ssrc: 99, index: 1);
        for (var i = 0; i < (int)sources.SilencePackets; i++)
            sources.Accept(sources.Find(99), 99, (ulong)(i + 2));

        Assert.Equal(SrtpFailure.Forgotten, sources.CheckNew(0));
        Assert.Equal(SrtpFailure.None, sources.CheckNew(100));
    }

    private static SrtpSources FullSources()
    {
        var sources = new SrtpSources();
        for (uint ssrc = 0; ssrc < SrtpSources.OfOnePublisher; ssrc++)
            sources.Accept(SrtpSources.None, ssrc, index: 1);
        return sources;
    }

    /// <summary>All but source 0 send until a new one would be taken.</summary>
    private static ulong TalkWithoutTheFirst(SrtpSources sources)
    {
        ulong index = 2;
        for (; sources.CheckNew(99) != SrtpFailure.None; index++)
        {
            for (uint ssrc = 1; ssrc < SrtpSources.OfOnePublisher; ssrc++)
                sources.Accept(sources.Find(ssrc), ssrc, index);
        }
        return index;
    }
}
