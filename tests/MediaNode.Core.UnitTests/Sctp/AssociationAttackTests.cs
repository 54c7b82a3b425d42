using System.Buffers.Binary;
using MediaNode.Core.Sctp;

namespace MediaNode.Core.UnitTests.Sctp;

/// <summary>Packets that are not of the association, or lie about it. The right side is the one attacked.</summary>
public sealed class AssociationAttackTests
{
    private readonly AssociationPair _pair = AssociationPair.Connected();
    private readonly uint _tag;
    private readonly byte[] _example;

    public AssociationAttackTests()
    {
        _pair.SendLeft(new byte[] { 1 });
        _pair.Run(TimeSpan.FromSeconds(1));
        _example = _pair.Sent.First(sent => sent.ToRight).Packet;
        _tag = Packets.Tag(_example);
    }

    [Fact]
    public void Packets_without_the_right_tag_are_dropped()
    {
        byte[][] packets =
        [
            Packets.WithTag(_example, _tag ^ 1),
            Packets.WithTag(_example, 0),
            Packets.Write(0, Packets.Chunk(ChunkType.Abort, 0)),
            Packets.Write(_tag ^ 1, Packets.Chunk(ChunkType.Abort, 0)),
            // With the T bit the tag must be the peer's own.
            Packets.Write(_tag, Packets.Chunk(ChunkType.Abort, 1)),
            Packets.Write(0, Packets.Chunk(ChunkType.ShutdownComplete, 1)),
            Packets.Write(_tag ^ 1, Packets.Chunk(ChunkType.Shutdown, 0, 0, 0, 0, 0)),
        ];

        Assert.All(packets, packet => Assert.Equal(PacketVerdict.NotOurs, _pair.Inject(packet)));
        StillWorks();
    }

    [Fact]
    public void Packet_with_a_wrong_checksum_is_dropped()
    {
        byte[] packet = [.. _example];
        packet[^1] ^= 1;
        Assert.Equal(PacketVerdict.Malformed, _pair.Inject(packet));
        StillWorks();
    }

    [Fact]
    public void INIT_of_another_tag_does_not_restart_it()
    {
        var init = HandshakeChunks.WriteInit(0x12345678, new(77));
        var sentBefore = _pair.Sent.Count;

        Assert.Equal(PacketVerdict.Accepted, _pair.Inject(Packets.Write(0, init)));
        Assert.Equal(PacketVerdict.NotOurs, _pair.Inject(Packets.Write(_tag, init)));
        Assert.Equal(PacketVerdict.NotOurs, _pair.Inject(Packets.Write(0, init, Packets.Chunk(ChunkType.Abort, 0))));

        Assert.Equal(sentBefore, _pair.Sent.Count);
        StillWorks();
    }

    [Fact]
    public void Cookie_of_the_beginning_changes_nothing_later()
    {
        var pair = new AssociationPair();
        var echoes = new List<byte[]>();
        pair.Filter = (toRight, packet) =>
        {
            if (toRight && Packets.Types(packet)[0] == ChunkType.CookieEcho)
                echoes.Add(packet);
            return true;
        };
        pair.Left.Start(pair.Now);
        pair.Run(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 20; i++)
            pair.SendLeft(new byte[500]);
        pair.Run(TimeSpan.FromMinutes(2));

        pair.Inject(echoes[0]);
        pair.SendLeft(new byte[] { 5 });
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(21, pair.RightMessages.Count());
    }

    [Fact]
    public void SACK_of_what_was_never_sent_is_dropped()
    {
        foreach (var cumulative in new uint[] { 0, 0x8000_0000, uint.MaxValue })
        {
            var sack = new byte[16];
            BinaryPrimitives.WriteUInt32BigEndian(sack, cumulative);
            BinaryPrimitives.WriteUInt16BigEndian(sack.AsSpan(8), 1);
            BinaryPrimitives.WriteUInt16BigEndian(sack.AsSpan(12), 1);
            BinaryPrimitives.WriteUInt16BigEndian(sack.AsSpan(14), ushort.MaxValue);
            _pair.Inject(Packets.Write(_tag, Packets.Chunk(ChunkType.Sack, 0, sack)));
        }
        StillWorks();
    }

    [Fact]
    public void DATA_outside_of_the_window_is_not_taken()
    {
        foreach (var distance in new[] { SctpLimits.ReceiveWindowTsns + 10, 1 << 20, int.MinValue, -5 })
        {
            byte[] packet = [.. _example];
            BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), BinaryPrimitives.ReadUInt32BigEndian(packet.AsSpan(16)) + (uint)distance);
            Assert.Equal(PacketVerdict.Accepted, _pair.Inject(Packets.WithTag(packet, _tag)));
        }
        Assert.Single(_pair.RightMessages);
        StillWorks();
    }

    [Fact]
    public void Message_longer_than_agreed_ends_the_association()
    {
        var tsn = BinaryPrimitives.ReadUInt32BigEndian(_example.AsSpan(16)) + 1;
        for (var sent = 0; sent <= SctpLimits.MessageBytes; sent += 1000)
            _pair.Inject(Packets.Write(_tag, Data(tsn++, sent == 0 ? DataChunkView.BeginFlag : (byte)0, 1000)));

        Assert.Equal("protocol-violation", _pair.Right.EndReason);
        Assert.Contains(_pair.Sent, sent => !sent.ToRight && Packets.Types(sent.Packet)[0] == ChunkType.Abort);
    }

    [Fact]
    public void Messages_whose_predecessor_never_comes_fill_a_bounded_buffer()
    {
        const int bytes = 1000;
        var first = BinaryPrimitives.ReadUInt32BigEndian(_example.AsSpan(16)) + 1;
        var packet = new byte[SctpLimits.PacketBytes];
        byte[] told = [];
        for (uint i = 0; i < 20_000; i++)
        {
            var data = Data(first + i, DataChunkView.BeginFlag | DataChunkView.EndFlag, bytes);
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(10), (ushort)(i + 100));
            _pair.Right.HandlePacket(Packets.Write(_tag, data), _pair.Now);
            while (_pair.Right.TryTakeTransmit(packet, _pair.Now, out var length))
                told = packet[..length];
        }

        Assert.Equal(AssociationState.Established, _pair.Right.State);
        // All that was taken is kept, since nothing can be delivered: so the last SACK says what the buffer holds.
        var sack = Packets.Sack(told);
        var kept = (sack.CumulativeTsn.Value - first + 1) * bytes;
        Assert.InRange(kept, (uint)SctpLimits.ReceiveBufferBytes, (uint)(SctpLimits.ReceiveBufferBytes + SctpLimits.MessageBytes));
        Assert.Equal((0u, 0), (sack.Window, sack.GapBlockCount));
        _pair.Drain();
        Assert.Single(_pair.RightMessages);
    }

    /// <summary>Every stream that was ever used costs memory for as long as the association lasts.</summary>
    [Fact]
    public void DATA_on_streams_that_were_not_agreed_is_acknowledged_refused_and_forgotten()
    {
        var tsn = BinaryPrimitives.ReadUInt32BigEndian(_example.AsSpan(16)) + 1;
        _pair.Sent.Clear();
        for (var stream = SctpLimits.Streams; stream <= ushort.MaxValue; stream += 97)
            _pair.Inject(Packets.Write(_tag, DataOn((ushort)stream, tsn++)));
        _pair.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((ushort.MaxValue - SctpLimits.Streams) / 97 + 1, _pair.Right.InvalidStreamChunks);
        Assert.Single(_pair.RightMessages);
        var answers = _pair.Sent.Where(sent => !sent.ToRight).Select(sent => sent.Packet).ToList();
        Assert.Equal(new Tsn(tsn - 1), Packets.Sack(answers.Last(packet => Packets.Types(packet)[0] == ChunkType.Sack)).CumulativeTsn);
        var error = answers.First(packet => Packets.Types(packet).Contains(ChunkType.Error));
        Assert.Equal([ChunkType.Error], Packets.Types(error));
        // Cause 1, 8 bytes, the stream, reserved.
        Assert.Equal([0, 1, 0, 8, SctpLimits.Streams >> 8, SctpLimits.Streams & 0xFF, 0, 0], error.AsSpan(SctpWire.HeaderBytes + SctpWire.ChunkHeaderBytes).ToArray());

        // The last stream that was agreed is one.
        _pair.Inject(Packets.Write(_tag, DataOn(SctpLimits.Streams - 1, tsn)));
        Assert.Equal(2, _pair.RightMessages.Count());
    }

    [Fact]
    public void Peer_that_has_few_streams_may_use_no_more()
    {
        var right = new AssociationPair();
        var init = HandshakeChunks.WriteInit(5, new(1));
        // Behind tag and window: streams that it sends on.
        BinaryPrimitives.WriteUInt16BigEndian(init.AsSpan(SctpWire.ChunkHeaderBytes + 8), 16);
        right.Inject(Packets.Write(0, init));
        Assert.True(SctpPacketView.TryParse(right.Sent.Single().Packet, out var answer, out _));
        var chunks = answer.Chunks;
        Assert.True(chunks.MoveNext());
        Assert.True(InitChunkView.TryParse(chunks.Current, out var initAck, out _));
        Assert.True(HandshakeChunks.TryGetCookie(initAck, out var cookie));
        var tag = initAck.InitiateTag;
        right.Inject(Packets.Write(tag, HandshakeChunks.WriteCookieEcho(cookie)));

        right.Inject(Packets.Write(tag, DataOn(15, 1), DataOn(16, 2)));

        Assert.Single(right.RightMessages);
        Assert.Equal(1, right.Right.InvalidStreamChunks);
    }

    [Theory]
    [InlineData(0x3F, false, false)]
    [InlineData(0x7F, false, true)]
    [InlineData(0xBF, true, false)]
    [InlineData(0xFF, true, true)]
    public void Unknown_chunk_is_treated_as_its_high_bits_say(byte type, bool goesOn, bool reports)
    {
        var data = Data(BinaryPrimitives.ReadUInt32BigEndian(_example.AsSpan(16)) + 1, 3, 10);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(10), 1);
        var messages = _pair.RightMessages.Count();
        _pair.Sent.Clear();

        _pair.Inject(Packets.Write(_tag, Packets.Chunk((ChunkType)type, 0, 1, 2, 3), data));

        Assert.Equal(goesOn, _pair.RightMessages.Count() == messages + 1);
        Assert.Equal(reports, _pair.Sent.Exists(sent => Packets.Types(sent.Packet).Contains(ChunkType.Error)));
    }

    [Fact]
    public void Unknown_parameters_of_INIT_are_reported_and_stop_as_their_high_bits_say()
    {
        var right = new AssociationPair();
        byte[] init =
        [
            .. HandshakeChunks.WriteInit(5, new(1)), 0, 0, // padding of the last parameter
            0x40, 0x99, 0, 4, // stop and report
            0xC0, 0x98, 0, 4, // not looked at any more
        ];
        init[3] = (byte)init.Length;
        right.Inject(Packets.Write(0, init));

        var answer = right.Sent.Single().Packet;
        Assert.Equal([ChunkType.InitAck], Packets.Types(answer));
        Assert.True(answer.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 8, 0, 8, 0x40, 0x99, 0, 4]) > 0);
        Assert.True(answer.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xC0, 0x98]) < 0);
    }

    private static byte[] DataOn(ushort stream, uint tsn)
    {
        var data = Data(tsn, DataChunkView.BeginFlag | DataChunkView.EndFlag, 12);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(8), stream);
        return data;
    }

    private static byte[] Data(uint tsn, int flags, int length)
    {
        var value = new byte[12 + length];
        BinaryPrimitives.WriteUInt32BigEndian(value, tsn);
        BinaryPrimitives.WriteUInt32BigEndian(value.AsSpan(8), PayloadProtocol.Binary);
        return Packets.Chunk(ChunkType.Data, (byte)flags, value);
    }

    private void StillWorks()
    {
        var before = _pair.RightMessages.Count();
        _pair.SendLeft(new byte[] { 42 });
        _pair.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(before + 1, _pair.RightMessages.Count());
        Assert.Equal((AssociationState.Established, AssociationState.Established), (_pair.Left.State, _pair.Right.State));
    }
}
