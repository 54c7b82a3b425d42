using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Rtp;

public sealed class PayloadDescriptorTests
{
    [Fact]
    public void Full_vp8_descriptor_is_read_and_rewritten_in_place()
    {
        // X S; I L T K; picture id 0x1234 (15 bits); TL0PICIDX 7; TID 2, Y, KEYIDX 9; frame.
        var payload = Convert.FromHexString("90f0923407a900aa");

        Assert.True(Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _));
        Assert.Equal(6, descriptor.Length);
        Assert.True(descriptor.StartsFrame);
        Assert.True(descriptor.HasLongPictureId);
        Assert.Equal((ushort)0x1234, descriptor.PictureId);
        Assert.Equal((byte)7, descriptor.Tl0PictureIndex);
        Assert.Equal((byte)2, descriptor.TemporalId);
        Assert.True(descriptor.IsLayerSync);
        Assert.Equal((byte)9, descriptor.KeyIndex);

        var editor = new Vp8PayloadEditor(payload, descriptor);
        editor.SetPictureId(0x7FFF);
        editor.SetTl0PictureIndex(255);
        editor.SetKeyIndex(31);
        Assert.Equal("90F0FFFFFFBF00AA", Convert.ToHexString(payload));
    }

    [Fact]
    public void Every_truncation_of_a_vp8_descriptor_is_refused()
    {
        var payload = Convert.FromHexString("90f0923407a900");
        for (var length = 0; length < payload.Length; length++)
            Assert.False(Vp8PayloadDescriptor.TryParse(payload.AsSpan(0, length), out _, out _), $"{length} bytes");
    }

    [Fact]
    public void Vp9_descriptor_names_layers_and_pictures()
    {
        // I L B E V, not flexible; picture id 15 bits; TID 1 U SID 2 D; TL0PICIDX 5; scalability structure with one size and two pictures; frame.
        var payload = Convert.FromHexString("ae" + "8005" + "35" + "05" + "18" + "01400100" + "02" + "00" + "0401" + "ff");

        Assert.True(Vp9PayloadDescriptor.TryParse(payload, out var descriptor, out _));
        Assert.Equal(payload.Length - 1, descriptor.Length);
        Assert.Equal((ushort)5, descriptor.PictureId);
        Assert.Equal((byte)1, descriptor.TemporalId);
        Assert.Equal((byte)2, descriptor.SpatialId);
        Assert.True(descriptor.IsSwitchingUpPoint);
        Assert.True(descriptor.IsInterLayerPredicted);
        Assert.Equal((byte)5, descriptor.Tl0PictureIndex);
        Assert.False(descriptor.StartsKeyFrame);
        for (var length = 0; length < payload.Length; length++)
            Assert.False(Vp9PayloadDescriptor.TryParse(payload.AsSpan(0, length), out _, out _), $"{length} bytes");
    }

    [Theory]
    [InlineData(Codec.Vp8, "1000", true)]
    [InlineData(Codec.Vp8, "1001", false)]
    [InlineData(Codec.Vp8, "0000", false)]
    [InlineData(Codec.Vp8, "1100", false)]
    [InlineData(Codec.Vp9, "0800", true)]
    [InlineData(Codec.Vp9, "4800", false)]
    [InlineData(Codec.Vp9, "0000", false)]
    [InlineData(Codec.Vp9, "28020500", false)]
    [InlineData(Codec.Vp9, "28000500", true)]
    [InlineData(Codec.H264, "6588", true)]
    [InlineData(Codec.H264, "67", true)]
    [InlineData(Codec.H264, "4188", false)]
    [InlineData(Codec.H264, "7800016800026588", true)]
    [InlineData(Codec.H264, "7800016800024188", false)]
    [InlineData(Codec.H264, "78000965", false)]
    [InlineData(Codec.H264, "7c8588", true)]
    [InlineData(Codec.H264, "7c0588", false)]
    [InlineData(Codec.H264, "7c", false)]
    [InlineData(Codec.Av1, "180a", true)]
    [InlineData(Codec.Av1, "980a", false)]
    [InlineData(Codec.Av1, "100a", false)]
    [InlineData(Codec.Opus, "1000", false)]
    [InlineData(Codec.Vp8, "", false)]
    [InlineData(Codec.H264, "", false)]
    public void Key_frame_is_known_by_its_first_packet(Codec codec, string payload, bool expected) =>
        Assert.Equal(expected, KeyFrame.IsStart(codec, Convert.FromHexString(payload)));
}
