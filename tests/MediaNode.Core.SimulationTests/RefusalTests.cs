using System.Buffers.Binary;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;
using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests;

/// <summary>Whatever goes no further is counted under a reason of its own, so that an operator can tell an attack from a poor network.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(DropReason.SrtpTooShort)]
    [InlineData(DropReason.SrtpBadHeader)]
    [InlineData(DropReason.SrtpNotEncrypted)]
    [InlineData(DropReason.SrtpAuthentication)]
    [InlineData(DropReason.SrtpReplay)]
    [InlineData(DropReason.SrtpTooOld)]
    [InlineData(DropReason.DtlsMalformed)]
    [InlineData(DropReason.UnknownDatagram)]
    [InlineData(DropReason.StunMalformed)]
    [InlineData(DropReason.StunUnexpected)]
    public void Datagram_of_a_connected_client_is_counted_for_what_it_is(DropReason reason)
    {
        using var conference = new Conference(seed: 1);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Run(TimeSpan.FromSeconds(1));
        var client = publisher.Client;
        byte[]? sent = null;
        conference.Network.Filter = (from, _, datagram) =>
        {
            sent = from == publisher.Address && DatagramDemux.Classify(datagram) == PacketKind.Rtp ? [.. datagram] : sent;
            return true;
        };
        SendMedia(index: 1);
        SendMedia(index: 5000);
        conference.Run(TimeSpan.FromMilliseconds(100));
        var before = Enum.GetValues<DropReason>().ToDictionary(counted => counted, counted => conference.Engine.Drops[counted]);

        switch (reason)
        {
            case DropReason.SrtpTooShort:
                client.SendRaw([0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
                break;
            case DropReason.SrtpBadHeader:
                // An extension that reaches past the end.
                client.SendRaw([0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0xBE, 0xDE, 0xFF, 0xFF, .. new byte[60]]);
                break;
            case DropReason.SrtpNotEncrypted:
                client.SendRaw([0x80, 201, 0, 1, 0, 0, 0, 1, .. new byte[20]]);
                break;
            case DropReason.SrtpAuthentication:
                client.SendRaw([0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, .. new byte[60]]);
                break;
            case DropReason.SrtpReplay:
                client.SendRaw(sent!);
                break;
            case DropReason.SrtpTooOld:
                SendMedia(index: 2);
                break;
            case DropReason.DtlsMalformed:
                client.SendRaw([22, 0xFE, 0xFD, .. new byte[5]]);
                break;
            case DropReason.UnknownDatagram:
                client.SendRaw([0xFF, 1, 2, 3]);
                break;
            case DropReason.StunMalformed:
                client.SendRaw([0, 1, 0, 200, 1, 2, 3, 4]);
                break;
            case DropReason.StunUnexpected:
                // A success response to nothing.
                client.SendRaw([1, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. new byte[12]]);
                break;
        }
        conference.Run(TimeSpan.FromMilliseconds(100));

        foreach (var (counted, count) in before)
            Assert.Equal((counted, counted == reason ? count + 1 : count), (counted, conference.Engine.Drops[counted]));
        Assert.True(client.IsConnected);

        void SendMedia(ulong index)
        {
            var header = new byte[12];
            (header[0], header[1]) = (0x80, publisher.Audio.PayloadType.Value);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)index);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), publisher.Audio.Ssrc.Value);
            client.SendPacket(header, new byte[40], index);
        }
    }

    /// <summary>A client's hello may overtake its answer on the way through signalling, but not by as much as it likes.</summary>
    [Fact]
    public void Hellos_before_the_clients_answer_are_kept_up_to_a_few_and_then_counted()
    {
        using var conference = new Conference(seed: 2);
        var publisher = ForwardingTests.Connect(conference, 1);
        conference.Join(2);
        var peerId = conference.NextPeerId();
        var client = conference.CreateClient(out _);
        var offer = Conference.Value(conference.Engine.Subscribe(
            Conference.RoomId, Conference.Epoch, 2, peerId, [new StreamWish(publisher.User, null)], "", conference.Now)).SdpOffer!;
        var answer = client.AnswerOffer(offer, conference.Now);

        conference.Run(TimeSpan.FromSeconds(10));
        Assert.InRange(conference.Engine.Drops[DropReason.DtlsTooEarly], 1, 10);

        Conference.Value(conference.Engine.Answer(Conference.RoomId, Conference.Epoch, peerId, answer, conference.Now));
        conference.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(5), "the client connects when its answer is there");
    }
}
