using System.Buffers.Binary;
using MediaNode.Core.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>A participant that sends audio with each frame repeated in the next packet (RFC 2198), and plainly when told to. Its payload types are not those of the node's offers.</summary>
internal sealed class RedundantPublisher
{
    /// <summary>20 ms of Opus.</summary>
    public const uint FrameTicks = 960;

    public const byte OpusPayloadType = 109;
    public const byte RedPayloadType = 121;

    public static readonly TimeSpan FrameInterval = TimeSpan.FromMilliseconds(20);

    private readonly Conference _conference;
    private readonly Ssrc _ssrc;
    private readonly string _offer;
    private ulong _index = 65_500;
    private uint _timestamp = uint.MaxValue - 10 * FrameTicks;
    private byte[] _previous = [];
    private uint _previousTimestamp;

    public RedundantPublisher(Conference conference, ulong user)
    {
        _conference = conference;
        PeerId = conference.NextPeerId();
        _ssrc = new((uint)user * 10 + 1);
        Client = conference.CreateClient(out var address);
        Address = address;
        _offer = Client.CreateOffer(new(new SourcePair(_ssrc, null), null, [], HasData: false, $"cname-{user}", $"stream-{user}") { PrefersRedundancy = true });
        Offer = OfferAs(OpusPayloadType, RedPayloadType);
        var published = Conference.Value(conference.Engine.Publish(Conference.RoomId, Conference.Epoch, user, PeerId, Offer, 0, conference.Now));
        Answer = published.SdpAnswer;
        var answer = Answer.Replace($"SAVPF {RedPayloadType} {OpusPayloadType}", "SAVPF 63 111", StringComparison.Ordinal);
        Client.AcceptAnswer(Rename(answer, RedPayloadType, 63, OpusPayloadType, 111), conference.Now);
    }

    public ulong PeerId { get; }

    public RtcClient Client { get; }

    public TransportAddress Address { get; }

    public string Offer { get; }

    public string Answer { get; }

    /// <summary>The same under other payload types.</summary>
    public string OfferAs(byte opus, byte red) =>
        Rename(_offer.Replace("SAVPF 63 111", $"SAVPF {red} {opus}", StringComparison.Ordinal), 63, red, 111, opus);

    /// <summary>Every frame, as it was encoded.</summary>
    public List<byte[]> Frames { get; } = [];

    /// <summary>Says so of each packet (RFC 6464): 0 loudest, 127 silence.</summary>
    public byte Level { get; set; } = 30;

    /// <summary>Payload types that are sent; in the beginning those of the first offer.</summary>
    public (byte Opus, byte Red) PayloadTypes { get; set; } = (OpusPayloadType, RedPayloadType);

    /// <summary>Id of the audio level extension; in the offer it is 1.</summary>
    public byte LevelId { get; set; } = 1;

    /// <summary>A frame in the packet that a browser makes when redundancy is preferred.</summary>
    public void SendRedundant()
    {
        var frame = Encode();
        var offset = _timestamp - _previousTimestamp;
        byte[] payload = _previous.Length == 0 || offset > 0x3FFF
            ? [PayloadTypes.Opus, .. frame]
            : [(byte)(0x80 | PayloadTypes.Opus), (byte)(offset >> 6), (byte)((offset << 2) | (uint)(_previous.Length >> 8)), (byte)_previous.Length, PayloadTypes.Opus, .. _previous, .. frame];
        Send(PayloadTypes.Red, payload);
        Remember(frame);
    }

    /// <summary>A frame without its predecessor, as browsers send what is too long or is comfort noise.</summary>
    public void SendPlain()
    {
        var frame = Encode();
        Send(PayloadTypes.Opus, frame);
        Remember(frame);
    }

    /// <summary>A payload that is no frame of this source.</summary>
    public void SendRaw(byte payloadType, ReadOnlySpan<byte> payload) => Send(payloadType, payload);

    /// <summary>Silence: time passes, and no number is used (DTX).</summary>
    public void BeSilent(int frames) => _timestamp += (uint)frames * FrameTicks;

    /// <summary>The next packet is made and lost.</summary>
    public void LoseRedundant()
    {
        var before = _conference.Network.Filter;
        _conference.Network.Filter = (from, to, datagram) => from != Address && (before is null || before(from, to, datagram));
        SendRedundant();
        _conference.Network.Filter = before;
    }

    private byte[] Encode()
    {
        // Of differing lengths, so that blocks taken for one another show.
        var frame = new byte[40 + Frames.Count % 7];
        frame.AsSpan().Fill((byte)Frames.Count);
        BinaryPrimitives.WriteInt32BigEndian(frame, Frames.Count);
        Frames.Add(frame);
        return frame;
    }

    private void Remember(byte[] frame)
    {
        (_previous, _previousTimestamp) = (frame, _timestamp - FrameTicks);
    }

    private void Send(byte payloadType, ReadOnlySpan<byte> payload)
    {
        // RFC 8285 section 4.2: one-byte headers.
        byte[] header = [0x90, payloadType, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xBE, 0xDE, 0, 1, (byte)(LevelId << 4), Level, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)_index);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), _timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), _ssrc.Value);
        Client.SendPacket(header, payload, _index);
        _index++;
        _timestamp += FrameTicks;
        _conference.Drain();
    }

    private static string Rename(string sdp, byte red, byte newRed, byte opus, byte newOpus) => sdp
        .Replace($"a=fmtp:{red} {opus}/{opus}", $"a=fmtp:{newRed} {newOpus}/{newOpus}", StringComparison.Ordinal)
        .Replace($"a=rtpmap:{red} ", $"a=rtpmap:{newRed} ", StringComparison.Ordinal)
        .Replace($"a=rtpmap:{opus} ", $"a=rtpmap:{newOpus} ", StringComparison.Ordinal)
        .Replace($"a=fmtp:{opus} ", $"a=fmtp:{newOpus} ", StringComparison.Ordinal)
        .Replace($"a=rtcp-fb:{opus} ", $"a=rtcp-fb:{newOpus} ", StringComparison.Ordinal);
}
