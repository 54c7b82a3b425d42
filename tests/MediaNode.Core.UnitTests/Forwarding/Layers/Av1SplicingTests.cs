using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Forwarding.Layers;

public sealed class Av1SplicingTests
{
    private const uint PictureTicks = 3000;
    private static readonly byte[] KeyPayload = [0x18, 1, 2, 3];
    private static readonly byte[] Payload = [0x10, 1, 2, 3];

    private ushort _frame = 65_530;
    private uint _timestamp = 1;

    [Fact]
    public void Temporal_layers_are_left_out_at_once_and_joined_at_a_switch_indication()
    {
        var rig = new SplicerRig(Codec.Av1);
        SendTurn(rig, isKey: true);
        SendTurn(rig);
        Assert.Equal("0 2 1 2 0 2 1 2", string.Join(' ', rig.Names));
        rig.Sent.Clear();

        rig.Want(255, 0);
        SendTurn(rig);
        SendTurn(rig);
        Assert.Equal("0 0", string.Join(' ', rig.Names));
        rig.Sent.Clear();

        rig.Want(255, 1);
        SendTurn(rig);
        rig.Want(255, 255);
        SendTurn(rig);
        Assert.Equal("0 1 0 2 1 2", string.Join(' ', rig.Names));
        Assert.Equal(16ul, rig.Sent[^1].Outgoing);
        Assert.Equal((ushort)(_frame - 1), rig.Sent[^1].PictureId);
    }

    [Fact]
    public void Lower_spatial_layers_that_the_target_does_not_need_are_left_out()
    {
        var rig = new SplicerRig(Codec.Av1);
        SendSpatialTurn(rig, isKey: true);
        SendSpatialTurn(rig);

        Assert.Equal("S0 S1 S1 S1 S1", string.Join(' ', rig.Names));
        Assert.All(rig.Sent.Skip(1), sent => Assert.True(sent.IsMarked));
    }

    [Fact]
    public void Another_spatial_layer_is_not_taken_before_what_it_needs_has_gone_out()
    {
        var rig = new SplicerRig(Codec.Av1);
        SendSpatialTurn(rig, isKey: true);
        SendSpatialTurn(rig);
        rig.Want(0, 255);
        rig.Sent.Clear();

        // Its frames have switch indications, but refer to frames of S0 that were left out.
        SendSpatialTurn(rig);
        Assert.DoesNotContain("S0", rig.Names);
        rig.Sent.Clear();

        SendSpatialTurn(rig, isKey: true);
        SendSpatialTurn(rig);
        Assert.Equal("S0 S0 S0 S0", string.Join(' ', rig.Names));
        Assert.All(rig.Sent, sent => Assert.True(sent.IsMarked));
    }

    [Fact]
    public void Decode_target_that_the_sender_ends_is_left_for_a_lower_one()
    {
        var rig = new SplicerRig(Codec.Av1);
        SendSpatialTurn(rig, isKey: true);
        SendSpatialTurn(rig);
        Assert.False(rig.Splicer.Selector.NeedsKeyFrame);
        rig.Sent.Clear();

        rig.Put("S0", Payload, _timestamp += PictureTicks, marker: true, Structures.L2T2Key.Write(1, _frame++, active: 0b0011));
        Assert.Empty(rig.Names);
        Assert.True(rig.Splicer.Selector.NeedsKeyFrame);

        rig.Put("K0", KeyPayload, _timestamp += PictureTicks, marker: true, Structures.L2T2Key.Write(0, _frame++, hasStructure: true, active: 0b0011));
        rig.Put("S0", Payload, _timestamp += PictureTicks, marker: true, Structures.L2T2Key.Write(2, _frame++));
        Assert.Equal(["K0", "S0"], rig.Names);
        Assert.False(rig.Splicer.Selector.NeedsKeyFrame);
    }

    [Fact]
    public void Frame_numbers_go_on_over_a_change_of_encoding()
    {
        var rig = new SplicerRig(Codec.Av1, encodings: 2);
        SendTurn(rig, isKey: true);
        var last = rig.Sent[^1];
        _frame = 400;
        rig.Now += TimeSpan.FromMilliseconds(33);
        rig.Put("key", KeyPayload, 77, marker: true, Structures.L1T3.Write(0, _frame, hasStructure: true), encoding: 1, begin: true);
        rig.Put("next", Payload, 77 + PictureTicks, marker: true, Structures.L1T3.Write(3, ++_frame), encoding: 1);

        Assert.Equal([(ushort)(last.PictureId! + 1), (ushort)(last.PictureId! + 2)], rig.Sent.TakeLast(2).Select(sent => sent.PictureId!.Value));
        Assert.Equal([last.Outgoing + 1, last.Outgoing + 2], rig.Sent.TakeLast(2).Select(sent => sent.Outgoing));
        Assert.Equal([2970u, 2970u + PictureTicks], rig.Sent.TakeLast(2).Select(sent => sent.Timestamp - last.Timestamp));
    }

    [Fact]
    public void Packet_whose_descriptor_cannot_be_read_is_left_out()
    {
        var rig = new SplicerRig(Codec.Av1);
        SendTurn(rig, isKey: true);

        rig.Put("bad", Payload, ++_timestamp, marker: true, [1, 2]);
        rig.Put("none", Payload, ++_timestamp, marker: true);
        SendTurn(rig);

        Assert.DoesNotContain("bad", rig.Names);
        Assert.DoesNotContain("none", rig.Names);
        Assert.Equal(8ul, rig.Sent[^1].Outgoing);
    }

    /// <summary>Four frames in three temporal layers.</summary>
    private void SendTurn(SplicerRig rig, bool isKey = false)
    {
        SendFrame(rig, "0", isKey ? 0 : 1, isKey);
        SendFrame(rig, "2", template: 3);
        SendFrame(rig, "1", template: 2);
        SendFrame(rig, "2", template: 3);
    }

    private void SendFrame(SplicerRig rig, string name, int template, bool isKey = false)
    {
        _timestamp += PictureTicks;
        rig.Put(name, isKey ? KeyPayload : Payload, _timestamp, marker: true, Structures.L1T3.Write(template, _frame++, hasStructure: isKey));
    }

    /// <summary>Two pictures in two spatial and two temporal layers.</summary>
    private void SendSpatialTurn(SplicerRig rig, bool isKey = false)
    {
        foreach (var (lower, upper) in new[] { isKey ? (0, 3) : (1, 4), (2, 5) })
        {
            _timestamp += PictureTicks;
            rig.Put("S0", isKey && lower == 0 ? KeyPayload : Payload, _timestamp, marker: false, Structures.L2T2Key.Write(lower, _frame++, hasStructure: lower == 0));
            rig.Put("S1", Payload, _timestamp, marker: true, Structures.L2T2Key.Write(upper, _frame++));
        }
    }
}
