using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;
using MediaNode.TestPeer;

namespace MediaNode.Core.UnitTests.Rtcp;

public sealed class RtcpRoundTripTests
{
    private static readonly PacketArrival[] Arrivals = [new PacketArrival(1, true, default), new PacketArrival(2, false, default)];

    private static readonly ushort[] Lost = [1, 2, 30];

    private static readonly FeedbackHeader Header = new(new Ssrc(1), new Ssrc(0xFFFF_FFFF));

    [Fact]
    public void Compound_of_report_description_and_goodbye_is_read_as_written()
    {
        var block = new ReportBlock(new Ssrc(7), 255, -3, 70_000, 5, 6, 7);
        var info = new SenderInfo(new Ssrc(9), new NtpTime(0x0123_4567_89AB_CDEF), new RtpTimestamp(8), 10, 11);
        Span<byte> buffer = stackalloc byte[512];
        var writer = new RtcpWriter(buffer);
        writer.WriteSenderReport(info, [block]);
        writer.WriteReceiverReport(new Ssrc(3), [block, block with { CumulativeLost = 0x7F_FFFF }]);
        writer.WriteSourceDescription(new Ssrc(9), "publisher"u8);
        writer.WriteGoodbye([new Ssrc(9), new Ssrc(10)]);

        Assert.True(RtcpCompoundReader.TryParse(buffer[..writer.Length], out var reader, out _));
        Assert.True(reader.MoveNext() && SenderReportView.TryParse(reader.Current, out var sender, out _) && sender.Sender == info && sender.Blocks[0] == block);
        Assert.True(reader.MoveNext());
        Assert.True(ReceiverReportView.TryParse(reader.Current, out var receiver, out _));
        Assert.Equal(new Ssrc(3), receiver.Sender);
        Assert.Equal(2, receiver.Blocks.Count);
        Assert.Equal(0x7F_FFFF, receiver.Blocks[1].CumulativeLost);
        Assert.True(reader.MoveNext());
        Assert.True(SourceDescriptionView.TryParse(reader.Current, out var description, out _));
        Assert.True(description.TryGetCname(new Ssrc(9), out var cname));
        Assert.Equal("publisher"u8.ToArray(), cname.ToArray());
        Assert.False(description.TryGetCname(new Ssrc(8), out _));
        Assert.True(reader.MoveNext());
        Assert.True(GoodbyeView.TryParse(reader.Current, out var goodbye, out _));
        Assert.Equal(new Ssrc(10), goodbye[1]);
        Assert.False(reader.MoveNext());
    }

    [Theory]
    [InlineData(new ushort[] { 5 }, 1)]
    [InlineData(new ushort[] { 65_530, 65_531, 65_535, 0, 10 }, 1)]
    [InlineData(new ushort[] { 1, 17, 18, 100, 116 }, 3)]
    public void Nack_lists_what_was_lost_across_the_wrap(ushort[] lost, int items)
    {
        Span<byte> buffer = stackalloc byte[128];
        var writer = new RtcpWriter(buffer);
        writer.WriteNack(Header, lost);

        Assert.Equal(12 + 4 * items, writer.Length);
        Assert.True(NackView.TryParse(Single(buffer[..writer.Length]), out var view, out _));
        Span<ushort> read = stackalloc ushort[NackView.MaximumLost];
        Assert.Equal(lost, read[..view.CopyLost(read)].ToArray());
        Assert.Equal(Header, view.Header);
    }

    [Fact]
    public void Nack_of_thousands_is_cut_at_the_limit()
    {
        var lost = Enumerable.Range(0, 2000).Select(number => (ushort)number).ToArray();
        var buffer = new byte[1024];
        var writer = new RtcpWriter(buffer);
        writer.WriteNack(Header, lost);

        Assert.True(NackView.TryParse(Single(buffer.AsSpan(0, writer.Length)), out var view, out _));
        Assert.Equal(NackView.MaximumLost, view.CopyLost(new ushort[2000]));
    }

    [Fact]
    public void Key_frame_requests_name_their_sources()
    {
        Span<byte> buffer = stackalloc byte[128];
        var writer = new RtcpWriter(buffer);
        writer.WritePictureLoss(Header);
        writer.WriteFullIntraRequest(new Ssrc(1), [new FullIntraRequest(new Ssrc(2), 3), new FullIntraRequest(new Ssrc(4), 255)]);

        Assert.True(RtcpCompoundReader.TryParse(buffer[..writer.Length], out var reader, out _));
        Assert.True(reader.MoveNext());
        Assert.True(PictureLossView.TryParse(reader.Current, out var loss, out _));
        Assert.Equal(Header, loss.Header);
        Assert.False(FullIntraRequestView.TryParse(reader.Current, out _, out var failure));
        Assert.Equal(ParseFailure.WrongType, failure);
        Assert.True(reader.MoveNext());
        Assert.True(FullIntraRequestView.TryParse(reader.Current, out var request, out _));
        Assert.Equal(2, request.Count);
        Assert.Equal(new FullIntraRequest(new Ssrc(4), 255), request[1]);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(262_143, 262_143)]
    [InlineData(1_000_001, 1_000_000)]
    [InlineData(2_500_000_000, 2_499_985_408)]
    [InlineData(long.MaxValue, 0x3FFFF * (1L << 45))]
    public void Bandwidth_is_rounded_down_to_18_bits(long written, long read)
    {
        Span<byte> buffer = stackalloc byte[64];
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverBandwidth(new Ssrc(1), new Bitrate(written), [new Ssrc(2)]);

        Assert.True(ReceiverBandwidthView.TryParse(Single(buffer[..writer.Length]), out var view, out _));
        Assert.Equal(read, view.Bitrate.BitsPerSecond);
        Assert.Equal(new Ssrc(2), view[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Transport_feedback_tells_each_arrival_to_a_quarter_millisecond(int seed)
    {
        var random = new Random(seed);
        var time = TimeSpan.FromSeconds(random.Next(100_000));
        var arrivals = new PacketArrival[random.Next(1, 400)];
        for (var i = 0; i < arrivals.Length; i++)
        {
            // Mostly in order and near each other, at times reordered or late, with losses in runs.
            time += TimeSpan.FromMicroseconds(250 * (random.Next(20) == 0 ? random.Next(-1000, 20_000) : random.Next(0, 30)));
            var isReceived = (i / 20 + seed) % 4 != 0 && random.Next(10) != 0;
            arrivals[i] = new PacketArrival((ushort)(65_500 + i), isReceived, isReceived ? time : default);
        }

        var buffer = new byte[2000];
        var writer = new RtcpWriter(buffer);
        Assert.True(writer.TryWriteTransportFeedback(Header, 200, arrivals));
        Assert.True(TransportFeedbackView.TryParse(Single(buffer.AsSpan(0, writer.Length)), out var view, out _));
        Assert.Equal(200, view.FeedbackCount);
        Assert.Equal(65_500, view.BaseSequenceNumber);
        var read = new PacketArrival[arrivals.Length];
        Assert.Equal(arrivals.Length, view.CopyTo(read));
        Assert.Equal(arrivals, read);
    }

    [Fact]
    public void Transport_feedback_refuses_a_gap_that_its_deltas_cannot_say()
    {
        var writer = new RtcpWriter(new byte[200]);

        Assert.False(writer.TryWriteTransportFeedback(Header, 0, [new PacketArrival(1, true, default), new PacketArrival(2, true, TimeSpan.FromSeconds(9))]));
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void Transport_feedback_of_a_browser_is_read()
    {
        // Base 1, 9 packets, reference 1 (64 ms), feedback count 2. Chunks: a one-bit vector 1011 0000 1..., deltas of 4, 8, 12, 16 quarter milliseconds.
        var packet = Convert.FromHexString("8fcd0006" + "0000000a0000000b" + "0001000900000102" + "ac20" + "04080c10" + "0000");
        Assert.True(TransportFeedbackView.TryParse(Single(packet), out var view, out _));
        var read = new PacketArrival[16];
        Assert.Equal(9, view.CopyTo(read));
        Assert.Equal([true, false, true, true, false, false, false, false, true], read[..9].Select(arrival => arrival.IsReceived));
        Assert.Equal(64 + 1 + 2 + 3 + 4, read[8].Time.TotalMilliseconds);
    }

    /// <summary>Recorded from Chromium 156, which pads by less than a word.</summary>
    [Theory]
    [InlineData("afcd0006fa17fa17e54133c40a8200030659e0032003b2384b000003", 3)]
    [InlineData("afcd0006fa17fa17e54133c40a9900040659e60920043b4b623f0002", 4)]
    [InlineData("afcd0007fa17fa17e54133c40a8700090659e52020095f0219120b210d164001", 9)]
    [InlineData("8fcd0005fa17fa17e54133c40a8500020659e10420028551", 2)]
    public void Padded_transport_feedback_of_a_browser_is_read(string hex, int packets)
    {
        var compound = Convert.FromHexString(hex + "80c9000100000001");
        Assert.True(RtcpCompoundReader.TryParse(compound, out var reader, out _));
        Assert.True(reader.MoveNext());
        Assert.True(TransportFeedbackView.TryParse(reader.Current, out var view, out _));
        Assert.Equal(packets, view.StatusCount);
        Assert.True(reader.MoveNext());
        Assert.Equal(RtcpPacketType.ReceiverReport, reader.Current.Type);
    }

    [Theory]
    [InlineData("", ParseFailure.Truncated)]
    [InlineData("80c9", ParseFailure.Truncated)]
    [InlineData("40c90000", ParseFailure.WrongVersion)]
    [InlineData("80c90001", ParseFailure.WrongLength)]
    [InlineData("80c9000000", ParseFailure.Truncated)]
    [InlineData("a0c9000100000000", ParseFailure.WrongPadding)]
    [InlineData("a0c9000100000005", ParseFailure.WrongPadding)]
    [InlineData("a0c9000100000008", ParseFailure.WrongPadding)]
    public void Broken_compound_is_refused_with_its_reason(string hex, ParseFailure expected)
    {
        Assert.False(RtcpCompoundReader.TryParse(Convert.FromHexString(hex), out _, out var failure));
        Assert.Equal(expected, failure);
    }

    [Fact]
    public void Report_that_counts_more_blocks_than_it_has_is_refused()
    {
        Assert.False(ReceiverReportView.TryParse(Single(Convert.FromHexString("81c9000100000001")), out _, out var failure));
        Assert.Equal(ParseFailure.Truncated, failure);
    }

    [Fact]
    public void Round_trip_comes_from_the_echoed_report_time()
    {
        var sent = NtpTime.From(Instant.FromSeconds(10), TimeSpan.FromDays(45_000));
        var now = NtpTime.From(Instant.FromSeconds(10.75), TimeSpan.FromDays(45_000));

        Assert.Equal(250, now.RoundTrip(sent.Middle, NtpTime.ToShort(TimeSpan.FromMilliseconds(500)))!.Value.TotalMilliseconds, 0.1);
        Assert.Null(now.RoundTrip(0, 5));
        Assert.Null(sent.RoundTrip(now.Middle, 0));
        Assert.Equal(TimeSpan.FromDays(45_000) + TimeSpan.FromSeconds(10), TimeSpan.FromTicks((sent.SinceEpoch.Ticks + 5) / 10 * 10));
    }

    [Fact]
    public void Reading_and_writing_reports_allocates_nothing()
    {
        var buffer = new byte[512];
        WriteAndRead(buffer);

        Assert.Equal(0, Allocations.OfEach(0, 100, _ => WriteAndRead(buffer)));
    }

    private static void WriteAndRead(byte[] buffer)
    {
        var writer = new RtcpWriter(buffer);
        writer.WriteReceiverReport(new Ssrc(1), [default]);
        writer.WriteNack(Header, Lost);
        writer.TryWriteTransportFeedback(Header, 1, Arrivals);
        Assert.True(RtcpCompoundReader.TryParse(buffer.AsSpan(0, writer.Length), out var reader, out _));
        Span<ushort> lost = stackalloc ushort[8];
        Span<PacketArrival> arrivals = stackalloc PacketArrival[8];
        foreach (var packet in reader)
        {
            if (NackView.TryParse(packet, out var nack, out _))
                nack.CopyLost(lost);
            if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
                feedback.CopyTo(arrivals);
        }
    }

    private static RtcpPacketView Single(ReadOnlySpan<byte> datagram)
    {
        Assert.True(RtcpCompoundReader.TryParse(datagram, out var reader, out _));
        Assert.True(reader.MoveNext());
        return reader.Current;
    }
}
