using MediaNode.Core.Sctp;

namespace MediaNode.Core.UnitTests.Sctp;

public sealed class ChunkViewTests
{
    /// <summary>RFC 9260 appendix A names the polynomial; this is the value of "123456789" that catalogues of CRC-32C give, seen through a packet's checksum.</summary>
    [Fact]
    public void Checksum_is_CRC32c()
    {
        byte[] packet = [0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0, 0, 0, 0];
        SctpChecksum.Write(packet);
        Assert.Equal(Reference(packet.AsSpan(0, 8), 4), BitConverter.ToUInt32(packet, 8));
        Assert.Equal(0xE3069283, Reference("123456789"u8, 0));
        Assert.True(SctpChecksum.IsRight(packet));
    }

    [Fact]
    public void Packet_is_read_as_it_was_written()
    {
        var packet = Packets.Write(7, Packets.Chunk(ChunkType.CookieAck, 0), Packets.Chunk(ChunkType.Heartbeat, 0, 0, 1, 0, 5, 9));

        Assert.True(SctpPacketView.TryParse(packet, out var view, out _));
        Assert.Equal((5000, 5000, 7u), (view.SourcePort, view.DestinationPort, view.VerificationTag));
        Assert.Equal([ChunkType.CookieAck, ChunkType.Heartbeat], Packets.Types(packet));
        Assert.Equal(0, packet.Length % 4);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 3 }, ParseFailure.WrongLength)]
    [InlineData(new byte[] { 0, 0, 0, 9, 0, 0, 0, 0 }, ParseFailure.WrongLength)]
    [InlineData(new byte[] { 11, 0, 0, 4, 11, 0 }, ParseFailure.Truncated)]
    [InlineData(new byte[] { }, ParseFailure.Truncated)]
    public void Chunks_that_do_not_fill_the_packet_are_refused(byte[] chunks, ParseFailure expected)
    {
        byte[] packet = [0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, .. chunks];
        SctpChecksum.Write(packet);
        Assert.False(SctpPacketView.TryParse(packet, out _, out var failure));
        Assert.Equal(expected, failure);
    }

    [Fact]
    public void Packet_of_too_many_chunks_is_refused()
    {
        var chunks = Enumerable.Repeat(Packets.Chunk(ChunkType.CookieAck, 0), SctpPacketView.MaximumChunks + 1).ToArray();
        Assert.False(SctpPacketView.TryParse(Packets.Write(1, chunks), out _, out var failure));
        Assert.Equal(ParseFailure.TooMany, failure);
    }

    [Fact]
    public void DATA_needs_its_header()
    {
        Assert.Equal(ParseFailure.Truncated, Data(Packets.Chunk(ChunkType.Data, 0, new byte[11])));
        Assert.Equal(ParseFailure.WrongType, Data(Packets.Chunk(ChunkType.Init, 0, new byte[12])));
        Assert.Equal(ParseFailure.None, Data(Packets.Chunk(ChunkType.Data, 0, new byte[12])));
    }

    [Theory]
    [InlineData(0u, 100_000u, 1, 1)]
    [InlineData(1u, 1499u, 1, 1)]
    [InlineData(1u, 100_000u, 0, 1)]
    [InlineData(1u, 100_000u, 1, 0)]
    public void INIT_without_tag_window_or_streams_is_refused(uint tag, uint window, ushort outbound, ushort inbound)
    {
        var buffer = new byte[64];
        var writer = new ChunkWriter(buffer, ChunkType.Init);
        writer.Write(tag);
        writer.Write(window);
        writer.Write(outbound);
        writer.Write(inbound);
        writer.Write(1u);
        Assert.False(InitChunkView.TryParse(new(writer.Finish()), out _, out var failure));
        Assert.Equal(ParseFailure.WrongValue, failure);
    }

    [Fact]
    public void INIT_of_too_many_or_broken_parameters_is_refused()
    {
        var init = HandshakeChunks.WriteInit(5, new(9));
        Assert.True(InitChunkView.TryParse(new(init), out var view, out _));
        Assert.Equal((5u, new Tsn(9), SctpLimits.Streams), (view.InitiateTag, view.InitialTsn, view.OutboundStreams));
        var peer = PeerParameters.Read(view);
        Assert.True(peer is { PartialReliability: true, StreamReset: true });

        byte[] fixedPart = init[..20];
        byte[] many = [.. fixedPart, .. Enumerable.Repeat<byte[]>([0x80, 1, 0, 4], ParameterEnumerator.MaximumParameters + 1).SelectMany(bytes => bytes)];
        Assert.Equal(ParseFailure.TooMany, Init(many));
        Assert.Equal(ParseFailure.WrongLength, Init([.. fixedPart, 0, 7, 0, 200]));
        Assert.Equal(ParseFailure.Truncated, Init([.. fixedPart, 0, 7]));
        Assert.Equal(ParseFailure.Truncated, Init(fixedPart[..19]));
    }

    [Fact]
    public void SACK_whose_counts_disagree_with_its_length_is_refused()
    {
        byte[] value = [0, 0, 0, 9, 0, 0, 16, 0, 0, 1, 0, 0, 0, 2, 0, 3];
        Assert.True(SackChunkView.TryParse(new(Packets.Chunk(ChunkType.Sack, 0, value)), out var sack, out _));
        Assert.Equal((new Tsn(9), 4096u, (2, 3)), (sack.CumulativeTsn, sack.Window, sack.GapBlock(0)));
        value[9] = 2;
        Assert.False(SackChunkView.TryParse(new(Packets.Chunk(ChunkType.Sack, 0, value)), out _, out var failure));
        Assert.Equal(ParseFailure.WrongLength, failure);
    }

    [Fact]
    public void FORWARD_TSN_lists_its_streams()
    {
        Assert.True(ForwardTsnView.TryParse(new(Packets.Chunk(ChunkType.ForwardTsn, 0, 0, 0, 0, 9, 0, 4, 0, 7)), out var forward, out _));
        Assert.Equal((new Tsn(9), 1, ((ushort)4, (ushort)7)), (forward.NewCumulativeTsn, forward.StreamCount, forward.Stream(0)));
        Assert.False(ForwardTsnView.TryParse(new(Packets.Chunk(ChunkType.ForwardTsn, 0, 0, 0, 0, 9, 0, 4)), out _, out var failure));
        Assert.Equal(ParseFailure.WrongLength, failure);
    }

    [Fact]
    public void RE_CONFIG_has_one_or_two_requests()
    {
        byte[] request = [0, 13, 0, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 6, 0, 0];
        Assert.True(ReconfigView.TryParse(new(Packets.Chunk(ChunkType.Reconfig, 0, request)), out var view, out _));
        foreach (var parameter in view.Parameters)
        {
            Assert.True(OutgoingResetView.TryParse(parameter, out var reset, out _));
            Assert.Equal((1u, new Tsn(3), 1, (ushort)6), (reset.RequestNumber, reset.LastTsn, reset.StreamCount, reset.StreamId(0)));
        }
        Assert.False(ReconfigView.TryParse(new(Packets.Chunk(ChunkType.Reconfig, 0, [.. request, .. request, .. request])), out _, out var failure));
        Assert.Equal(ParseFailure.TooMany, failure);
        Assert.False(ReconfigView.TryParse(new(Packets.Chunk(ChunkType.Reconfig, 0)), out _, out _));
    }

    [Fact]
    public void TSNs_compare_across_the_wrap()
    {
        var last = new Tsn(uint.MaxValue);
        Assert.True(last.Next.IsAfter(last));
        Assert.True(last.IsBefore(new(5)));
        Assert.Equal(6, new Tsn(5).Since(last));
    }

    private static ParseFailure Data(byte[] chunk) => DataChunkView.TryParse(new(chunk), out _, out var failure) ? ParseFailure.None : failure;

    private static ParseFailure Init(byte[] chunk) => InitChunkView.TryParse(new(chunk), out _, out var failure) ? ParseFailure.None : failure;

    /// <summary>Bit by bit, as the appendix describes it.</summary>
    private static uint Reference(ReadOnlySpan<byte> bytes, int zeros)
    {
        var crc = uint.MaxValue;
        foreach (var value in (byte[])[.. bytes, .. new byte[zeros]])
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }
        return ~crc;
    }
}
