using System.Buffers.Binary;
using MediaNode.Core.Entropy;
using MediaNode.Core.Sctp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Fuzz;

/// <summary>Reads a packet through every view, and gives it to an association: each must take or refuse it.</summary>
internal static class SctpPackets
{
    private const int HeaderBytes = 12;

    private static readonly Instant Now = Instant.FromSeconds(1);

    public static void ReadAll(in SctpPacketView packet)
    {
        _ = (packet.SourcePort, packet.DestinationPort, packet.VerificationTag);
        foreach (var chunk in packet.Chunks)
        {
            if (DataChunkView.TryParse(chunk, out var data, out _))
                _ = (data.Tsn, data.StreamId, data.StreamSequenceNumber, data.PayloadProtocol, data.IsBegin, data.IsEnd, data.IsUnordered, data.WantsSackAtOnce, data.UserData.Length);
            if (InitChunkView.TryParse(chunk, out var init, out _))
                _ = (PeerParameters.Read(init), HandshakeChunks.TryGetCookie(init, out _), HandshakeChunks.WriteUnrecognizedError(init));
            if (SackChunkView.TryParse(chunk, out var sack, out _))
            {
                for (var i = 0; i < sack.GapBlockCount; i++)
                    _ = sack.GapBlock(i);
            }
            if (ForwardTsnView.TryParse(chunk, out var forward, out _))
            {
                for (var i = 0; i < forward.StreamCount; i++)
                    _ = (forward.NewCumulativeTsn, forward.Stream(i));
            }
            if (ReconfigView.TryParse(chunk, out var reconfig, out _))
                ReadParameters(reconfig.Parameters);
        }
    }

    /// <summary>As an attacker would who knows the tag: to one association that waits, and to one that is up and has something in flight.</summary>
    public static void Attack(ReadOnlySpan<byte> data)
    {
        Handle(new Association(new(5000, 5000), new Chance()), data, tag: 0);
        var (left, right) = Connect();
        left.TrySend(0, PayloadProtocol.Binary, new byte[3000], new(true, 0, null), Now);
        left.TryTakeTransmit(new byte[SctpLimits.PacketBytes], Now, out _);
        Handle(left, data, TagOf(right));
    }

    private static void ReadParameters(ParameterEnumerator parameters)
    {
        foreach (var parameter in parameters)
        {
            if (OutgoingResetView.TryParse(parameter, out var reset, out _))
            {
                for (var i = 0; i < reset.StreamCount; i++)
                    _ = (reset.RequestNumber, reset.LastTsn, reset.StreamId(i));
            }
            if (ReconfigResponseView.TryParse(parameter, out var response, out _))
                _ = (response.RequestNumber, response.Result);
        }
    }

    private static void Handle(Association association, ReadOnlySpan<byte> data, uint tag)
    {
        if (data.Length < HeaderBytes)
            return;
        byte[] packet = [0x13, 0x88, 0x13, 0x88, .. data[4..]];
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), tag);
        SctpChecksum.Write(packet);
        association.HandlePacket(packet, Now);
        association.HandleTimeout(Now + TimeSpan.FromSeconds(2));
        var buffer = new byte[SctpLimits.PacketBytes];
        var sent = 0;
        while (association.TryTakeTransmit(buffer, Now + TimeSpan.FromSeconds(2), out _))
            Assert.InRange(++sent, 1, 100);
    }

    private static (Association Left, Association Right) Connect()
    {
        var (left, right) = (new Association(new(5000, 5000), new Chance()), new Association(new(5000, 5000), new Chance()));
        left.Start(Now);
        for (var i = 0; i < 4; i++)
        {
            Pump(left, right);
            Pump(right, left);
        }
        Assert.Equal(AssociationState.Established, left.State);
        return (left, right);
    }

    private static void Pump(Association from, Association to)
    {
        var buffer = new byte[SctpLimits.PacketBytes];
        while (from.TryTakeTransmit(buffer, Now, out var length))
            to.HandlePacket(buffer.AsSpan(0, length), Now);
    }

    /// <summary>The tag that packets to the other side's peer carry.</summary>
    private static uint TagOf(Association sender)
    {
        var buffer = new byte[SctpLimits.PacketBytes];
        sender.TrySend(1, PayloadProtocol.Binary, new byte[1], SendOptions.Reliable, Now);
        sender.TryTakeTransmit(buffer, Now, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(4));
    }

    /// <summary>The same for every run, so that a failing input fails again.</summary>
    private sealed class Chance : IEntropy
    {
        private readonly Random _random = new(1);

        public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
    }
}
