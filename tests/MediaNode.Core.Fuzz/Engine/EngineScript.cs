using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;

namespace MediaNode.Core.Fuzz.Engine;

/// <summary>Reads an input as a sequence of what an authenticated publisher and two authenticated subscribers do to an engine.</summary>
internal static class EngineScript
{
    /// <summary>Each takes some microseconds.</summary>
    private const int MaximumActions = 600;

    /// <summary>Handshakes, which take milliseconds.</summary>
    private const int MaximumConnections = 2;

    private static readonly string[] Labels = ["JanusDataChannel", "chat", ""];

    /// <summary>Between inputs that are played on the same call.</summary>
    public static ReadOnlySpan<byte> Separator => "\u00feNEXT"u8;

    /// <returns>False when the call is not fit for another input, since somebody in it has been cut off.</returns>
    public static bool TryPlay(FuzzedParty party, ReadOnlySpan<byte> data)
    {
        foreach (var part in data.Split(Separator))
        {
            PlayPart(party, data[part]);
            if (!party.TryGather())
                return false;
        }
        return true;
    }

    private static void PlayPart(FuzzedParty party, ReadOnlySpan<byte> data)
    {
        var input = new ActionInput(data);
        for (var (actions, connections) = (0, 0); !input.IsEmpty && actions < MaximumActions; actions++)
        {
            var action = input.Byte();
            if (action % 20 >= 18 && ++connections > MaximumConnections)
                continue;
            Act(action, party, ref input);
            party.Call.Exchange();
        }
    }

    private static void Act(byte action, FuzzedParty party, ref ActionInput input)
    {
        var (call, publisher, subscriber) = (party.Call, party.Publisher, party.Subscribers[action >> 7]);
        switch (action % 20)
        {
            case 0 or 1:
                publisher.SendFrame(input.Byte());
                break;
            case 2 or 3:
                publisher.SendPacket(ref input);
                break;
            case 4:
                publisher.SendRaw(input.LongBytes());
                break;
            case 5:
                publisher.SendRetransmission(input.Word(), input.Bytes());
                break;
            case 6:
                publisher.SendRedundant(isRaw: input.Byte() % 2 == 0, input.Bytes());
                break;
            case 7:
                publisher.SendControl(input.Bytes());
                break;
            case 8:
                subscriber.SendControl(input.Bytes(), patch: input.Byte());
                break;
            case 9:
                subscriber.Nack(input.Byte(), input.Word(), input.Byte());
                break;
            case 10:
                Talk(input.Byte() % 2 == 0 ? publisher.Client : subscriber.Client, call, ref input);
                break;
            case 11:
                publisher.Publish(DescriptionEdits.Apply(publisher.CreateOffer(), ref input), Wished(input.Byte()));
                break;
            case 12:
                subscriber.Renegotiate(input.Byte(), ref input);
                break;
            case 13:
                subscriber.Configure(ref input);
                break;
            case 14:
                call.Pass(TimeSpan.FromMilliseconds(input.Byte()));
                break;
            case 15:
                call.Pass(TimeSpan.FromMilliseconds(input.Word() % 4000));
                break;
            case 16:
                call.Engine.HandlePressure(input.Byte() / 255.0, input.Byte() / 255.0, call.Now);
                break;
            case 17:
                Disturb(input.Byte() % 2 == 0 ? publisher.Client : subscriber.Client, call, input.Bytes());
                break;
            case 18:
                publisher.Recreate();
                break;
            default:
                subscriber.Recreate(restartsIce: input.Byte() % 2 == 0);
                break;
        }
    }

    private static IReadOnlyList<Codec> Wished(byte codec) => codec == 0 ? [] : [(Codec)(1 + codec % 5)];

    /// <summary>Data channels: as they are meant, and SCTP of the input's bytes.</summary>
    private static void Talk(RtcClient client, FuzzedCall call, ref ActionInput input)
    {
        if (!client.IsConnected)
            return;
        var kind = input.Byte();
        var channel = new DataChannelParameters(Labels[(kind >> 2) % Labels.Length], "", new((kind & 16) != 0, (kind & 32) != 0 ? 1 : null, null));
        switch (kind % 4)
        {
            case 0:
                client.SendMessage(channel, (kind & 64) != 0, input.Bytes().ToArray(), call.Now);
                break;
            case 1:
                client.OpenChannel(channel, call.Now);
                break;
            case 2:
                client.CloseChannel(channel, call.Now);
                break;
            default:
                var packet = input.Bytes().ToArray();
                if (packet.Length >= 12)
                    SctpChecksum.Write(packet);
                if (packet.Length > 0)
                    client.SendRawData(packet);
                break;
        }
    }

    /// <summary>Bytes of any kind, from an address that passed a check.</summary>
    private static void Disturb(RtcClient client, FuzzedCall call, ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
            call.Receive(call.AddressOf(client), bytes.ToArray());
    }
}
