using System.Buffers.Binary;
using MediaNode.Core.Forwarding;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Fuzz.Engine;

/// <summary>A subscriber with its keys, whose answers, feedback and wishes the input says.</summary>
internal sealed class FuzzedSubscriber
{
    private readonly FuzzedCall _call;
    private readonly ulong _user;
    private readonly bool _isPlain;
    private readonly ulong _peerId;

    /// <param name="call">Where.</param>
    /// <param name="user">Who.</param>
    /// <param name="isPlain">Without RTX, redundancy and transport-wide feedback.</param>
    public FuzzedSubscriber(FuzzedCall call, ulong user, bool isPlain)
    {
        (_call, _user, _isPlain, _peerId) = (call, user, isPlain, user);
        Client = call.CreateClient();
        var subscribed = call.Done(call.Engine.Subscribe(FuzzedCall.RoomId, FuzzedCall.Epoch, user, _peerId, [new(FuzzedCall.PublisherId, null)], "", call.Now));
        Answer(Client.AnswerOffer(Offered(subscribed!.SdpOffer!), call.Now));
        call.Connect(Client);
    }

    public RtcClient Client { get; private set; }

    /// <summary>Receives everything again, and wants all of it.</summary>
    public bool TryGather()
    {
        _call.Done(_call.Engine.Configure(
            FuzzedCall.RoomId, FuzzedCall.Epoch, _peerId, new([new("", Send: true, new(byte.MaxValue, byte.MaxValue, 0, 0))], BitrateCap: 0, KeyFrame: false), _call.Now));
        if (Update([new(FuzzedCall.PublisherId, null)], [], restartsIce: false) is not { } offer)
            return false;
        Answer(Client.AnswerOffer(Offered(offer), _call.Now));
        return Client.IsConnected;
    }

    /// <summary>Asks for another offer, and answers it as the input says.</summary>
    public void Renegotiate(byte kind, ref ActionInput input)
    {
        IReadOnlyList<StreamWish> added = (kind & 1) != 0 ? [new(FuzzedCall.PublisherId, (kind & 2) != 0 ? new Mid("1") : null)] : [];
        IReadOnlyList<StreamRemoval> removed = (kind & 4) != 0 ? [new(FuzzedCall.PublisherId, (kind & 8) != 0 ? "1" : "")] : [];
        if (Update(added, removed, restartsIce: (kind & 0x30) == 0x30) is { } offer && (kind & 0x40) == 0)
            Answer(DescriptionEdits.Apply(Client.AnswerOffer(Offered(offer), _call.Now), ref input));
    }

    /// <summary>The page makes its PeerConnection anew.</summary>
    public void Recreate(bool restartsIce)
    {
        if (Update([], [], restartsIce) is not { } offer)
            return;
        _call.Retire(Client);
        Client = _call.CreateClient(withOtherCertificate: true);
        Answer(Client.AnswerOffer(Offered(offer), _call.Now));
        _call.Pass(TimeSpan.FromMilliseconds(200));
    }

    public void Configure(ref ActionInput input)
    {
        var flags = input.Byte();
        var layers = new LayerWish(
            Spatial: (flags & 8) != 0 ? input.Byte() : null,
            Temporal: (flags & 16) != 0 ? input.Byte() : null,
            MaximumWidth: (flags & 64) != 0 ? input.Word() : null,
            MaximumHeight: (flags & 128) != 0 ? input.Word() : null);
        var stream = new DownTrackConfiguration((flags & 1) != 0 ? "1" : "", (flags & 2) != 0 ? (flags & 4) != 0 : null, layers);
        var configuration = new PeerConfiguration([stream], (flags & 32) != 0 ? input.Word() * 100L : null, KeyFrame: false);
        _call.Done(_call.Engine.Configure(FuzzedCall.RoomId, FuzzedCall.Epoch, _peerId, configuration, _call.Now));
    }

    /// <summary>Asks for packets again, so far back from the newest one.</summary>
    public void Nack(byte stream, ushort back, byte count)
    {
        var first = _call.NewestOf(Source(stream)) - back;
        Span<ushort> numbers = stackalloc ushort[1 + count % 32];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = (ushort)(first + i);
        var buffer = new byte[256];
        var writer = new RtcpWriter(buffer);
        writer.WriteNack(new(new(9), Source(stream)), numbers);
        SendControl(buffer.AsSpan(0, writer.Length), patch: 0);
    }

    /// <summary>Sends a compound of the input's bytes.</summary>
    /// <param name="compound">The bytes.</param>
    /// <param name="patch">Which of the offered sources to put where feedback names one: 0 none.</param>
    public void SendControl(ReadOnlySpan<byte> compound, byte patch)
    {
        if (compound.Length < 8 || compound.Length > 1200 || !Client.IsConnected)
            return;
        byte[] bytes = [(byte)(0x80 | (compound[0] & 0x3F)), .. compound[1..]];
        if (patch % 4 != 0 && bytes.Length >= 12)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), Source(patch).Value);
        Client.SendControl(bytes);
    }

    private Ssrc Source(byte selector)
    {
        var media = Client.Media.Where(media => media.Sources.Length > 0).ToList();
        return media.Count == 0 ? default : media[selector % media.Count].Sources[0].Primary;
    }

    private string? Update(IReadOnlyList<StreamWish> added, IReadOnlyList<StreamRemoval> removed, bool restartsIce) =>
        _call.Done(_call.Engine.UpdateSubscription(FuzzedCall.RoomId, FuzzedCall.Epoch, _peerId, added, removed, restartsIce, _call.Now))?.SdpOffer;

    private void Answer(string answer) => _call.Done(_call.Engine.Answer(FuzzedCall.RoomId, FuzzedCall.Epoch, _peerId, answer, _call.Now));

    private string Offered(string offer) => !_isPlain ? offer : string.Join("\r\n", offer.Split("\r\n").Where(line =>
        !line.Contains(" rtx/", StringComparison.Ordinal) && !line.Contains(" apt=", StringComparison.Ordinal) && !line.Contains(":63 ", StringComparison.Ordinal)
        && !line.EndsWith(" transport-cc", StringComparison.Ordinal) && !line.Contains(HeaderExtensionUri.TransportSequenceNumber, StringComparison.Ordinal)));
}
