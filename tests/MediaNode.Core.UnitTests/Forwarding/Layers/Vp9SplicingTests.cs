using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class Vp9SplicingTests
{
    private const uint PictureTicks = 3000;

    private readonly SplicerRig _rig = new(Codec.Vp9);
    private ushort _picture = 0x7FF0;

    [Fact]
    public void Higher_spatial_layers_are_left_out_and_the_picture_ends_with_the_last_one_that_goes_out()
    {
        _rig.Want(1, 255);
        SendPicture(isKey: true);
        SendPicture();

        Assert.Equal(["S0", "S1", "S0", "S1"], _rig.Names);
        Assert.Equal([false, true, false, true], _rig.Sent.Select(sent => sent.IsMarked));
        Assert.Equal([1ul, 2ul, 3ul, 4ul], _rig.Sent.Select(sent => sent.Outgoing));
        Assert.Equal(1, _rig.Sent.Select(sent => sent.PictureId).Distinct().Count() - 1);
    }

    [Fact]
    public void Spatial_layer_goes_at_the_next_picture_and_comes_back_with_a_key_picture()
    {
        SendPicture(isKey: true);
        _rig.Want(0, 255);
        SendPicture();
        _rig.Want(2, 255);
        SendPicture();
        SendPicture(isKey: true);
        SendPicture();

        Assert.Equal("S0 S1 S2 S0 S0 S0 S1 S2 S0 S1 S2", string.Join(' ', _rig.Names));
        Assert.Equal(11ul, _rig.Sent[^1].Outgoing);
    }

    [Fact]
    public void Picture_ids_keep_their_distances_when_temporal_layers_are_left_out()
    {
        _rig.Want(255, 0);
        SendPicture(isKey: true);
        var first = _rig.Sent[0].PictureId!.Value;
        for (byte i = 1; i < 5; i++)
            SendPicture(temporal: (byte)(i % 2));

        Assert.Equal([0, 2, 4], _rig.Sent.Select(sent => (sent.PictureId!.Value - first) & 0x7FFF).Distinct());
        Assert.Equal(9ul, _rig.Sent[^1].Outgoing);
    }

    [Fact]
    public void Late_packet_of_a_layer_left_out_gives_its_number_back_empty()
    {
        _rig.Want(1, 255);
        SendPicture(isKey: true);
        _rig.PutAs(1004, "S1", Payload(1, 0, false), 2 * PictureTicks);
        _rig.PutAs(1003, "S0", Payload(0, 0, false), 2 * PictureTicks);
        _rig.PutAs(1006, "S0", Payload(0, 0, false), 3 * PictureTicks);
        _rig.PutAs(1005, "S2", Payload(2, 0, false), 2 * PictureTicks, marker: true);

        Assert.Equal(["S0", "S1", "S1", "S0", "S0", "S2"], _rig.Names);
        Assert.Equal([1ul, 2ul, 4ul, 3ul, 6ul, 5ul], _rig.Sent.Select(sent => sent.Outgoing));
        Assert.Equal([false, false, false, false, false, true], _rig.Sent.Select(sent => sent.IsEmpty));
    }

    /// <summary>A picture in three spatial layers of one packet each, the upper ones predicted from the one below.</summary>
    private void SendPicture(bool isKey = false, byte temporal = 0)
    {
        _picture = (ushort)((_picture + 1) & 0x7FFF);
        for (byte spatial = 0; spatial < 3; spatial++)
            _rig.Put($"S{spatial}", Payload(spatial, temporal, isKey), (uint)(_picture * PictureTicks), marker: spatial == 2);
    }

    private byte[] Payload(byte spatial, byte temporal, bool isKey) =>
    [
        // RFC 9628 section 4.2: I, P, L, B and E; a long picture id; T, U, S and D; TL0PICIDX.
        (byte)(0x80 | (isKey ? 0 : 0x40) | 0x20 | 0x08 | 0x04),
        (byte)(0x80 | (_picture >> 8)),
        (byte)_picture,
        (byte)((temporal << 5) | (spatial << 1) | (spatial > 0 ? 1 : 0)),
        7,
        1, 2, 3,
    ];
}
