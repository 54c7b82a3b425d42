using MediaNode.Core.Rtp;

namespace MediaNode.Core.UnitTests.Rtp;

public sealed class FrameSizeReaderTests
{
    /// <summary>Parameter sets of x264 and others, whose sizes are known.</summary>
    [Theory]
    [InlineData("6764001facd9405005bb011000000300100000030320f1831960", 1280, 720)]
    [InlineData("6764001eacd940a02ff9610000030001000003003c8f162d96", 640, 360)]
    [InlineData("6742c01ed900b435f9e10000030001000003003c0f162e48", 720, 404)]
    public void Size_of_h264_is_in_the_parameter_set_and_without_what_is_cropped(string unit, int width, int height)
    {
        Assert.Equal(Size(width, height), Single(Codec.H264, unit));
        // In a STAP-A behind something else.
        Assert.Equal(Size(width, height), Single(Codec.H264, $"78000206f0{unit.Length / 2:x4}{unit}000268ce"));
        for (var length = 2; length < 18; length += 2)
            Assert.Null(Single(Codec.H264, unit[..length]));
    }

    [Fact]
    public void H264_in_fields_and_in_full_colour_has_other_units()
    {
        var bits = new BitWriter();
        bits.Put(0x67, 8).Put(244, 8).Put(0, 16).PutExponentialGolomb(0);
        // 4:4:4 in one plane, 8 bits; scaling lists: the first of two entries and no more, the ninth of two and no more, the others none.
        bits.PutExponentialGolomb(3).Put(0, 1).PutExponentialGolomb(0).PutExponentialGolomb(0).Put(0, 1).Put(1, 1);
        bits.Put(1, 1).PutExponentialGolomb(1).PutExponentialGolomb(2 * 9).Put(0, 7);
        bits.Put(1, 1).PutExponentialGolomb(2 * 1).PutExponentialGolomb(2 * 7).Put(0, 3);
        // The order by a cycle of two.
        bits.PutExponentialGolomb(0).PutExponentialGolomb(1).Put(0, 1).PutExponentialGolomb(4).PutExponentialGolomb(5);
        bits.PutExponentialGolomb(2).PutExponentialGolomb(8).PutExponentialGolomb(9);
        // 1920 by 1088 in fields, eight lines cropped.
        bits.PutExponentialGolomb(1).Put(0, 1).PutExponentialGolomb(119).PutExponentialGolomb(33).Put(0, 1).Put(0, 1).Put(0, 1);
        bits.Put(1, 1).PutExponentialGolomb(0).PutExponentialGolomb(0).PutExponentialGolomb(0).PutExponentialGolomb(4);

        Assert.Equal(Size(1920, 1080), Single(Codec.H264, Convert.ToHexString(bits.ToArray())));
    }

    [Theory]
    // As a hardware encoder writes it, with timing and a decoder model, and as libaom does.
    [InlineData("100804000000040000006340000842abbfc3700874404040490000000000", 1920, 1080)]
    [InlineData("180a0b000000043cffbcffcc104080", 320, 240)]
    public void Size_of_av1_is_in_the_sequence_header(string payload, int width, int height) =>
        Assert.Equal(Size(width, height), Single(Codec.Av1, payload));

    [Fact]
    public void Sequence_header_of_av1_is_found_among_other_units_in_each_form()
    {
        var bits = new BitWriter();
        // Two operating points, of which the first has a tier, with initial display delays.
        bits.Put(0, 3).Put(0, 1).Put(0, 1).Put(0, 1).Put(1, 1).Put(1, 5);
        bits.Put(0x301, 12).Put(8, 5).Put(1, 1).Put(1, 1).Put(9, 4);
        bits.Put(0x101, 12).Put(5, 5).Put(0, 1);
        bits.Put(9, 4).Put(9, 4).Put(959, 10).Put(539, 10);
        var header = Convert.ToHexString(bits.ToArray());
        var length = $"{header.Length / 2:x2}";
        var obuLength = $"{header.Length / 2 + 1:x2}";

        Assert.Equal(Size(960, 540), Single(Codec.Av1, $"18" + $"08{header}"));
        // Behind a metadata unit; with its own size; with an extension and a padded size; all lengths told.
        Assert.Equal(Size(960, 540), Single(Codec.Av1, "28" + "022800" + $"08{header}"));
        Assert.Equal(Size(960, 540), Single(Codec.Av1, "18" + $"0a{length}{header}"));
        Assert.Equal(Size(960, 540), Single(Codec.Av1, "18" + $"0e00{(header.Length / 2) | 0x80:x2}00{header}"));
        Assert.Equal(Size(960, 540), Single(Codec.Av1, "08" + "00" + $"{obuLength}08{header}" + "023000"));
        Assert.Null(Single(Codec.Av1, "08" + $"{obuLength}08{header[2..]}"));
        Assert.Null(Single(Codec.Av1, "28" + "ffffffffffffffffff"));
        Assert.Null(Single(Codec.Av1, "18" + $"30{header}"));
    }

    [Fact]
    public void Reduced_sequence_header_of_av1_has_no_operating_points()
    {
        var bits = new BitWriter();
        bits.Put(0x08, 8).Put(0, 3).Put(1, 1).Put(1, 1).Put(4, 5).Put(8, 4).Put(7, 4).Put(319, 9).Put(179, 8);

        Assert.Equal(Size(320, 180), Single(Codec.Av1, "18" + Convert.ToHexString(bits.ToArray())));
    }

    [Fact]
    public void Sizes_of_vp9_are_in_the_scalability_structure()
    {
        // I F L B V, picture id, TID 0 SID 0; three layers with sizes, no pictures described; frame.
        const string payload = "ba" + "05" + "00" + "50" + "014000b4" + "02800168" + "050002d0" + "ff";
        var sizes = new FrameSize[4];

        Assert.Equal(3, FrameSizeReader.Read(Codec.Vp9, Convert.FromHexString(payload), sizes));
        Assert.Equal([Size(320, 180), Size(640, 360), Size(1280, 720)], sizes[..3]);
        Assert.Equal(2, FrameSizeReader.Read(Codec.Vp9, Convert.FromHexString(payload), sizes.AsSpan(0, 2)));
        // Without sizes, and without the structure.
        Assert.Equal(0, FrameSizeReader.Read(Codec.Vp9, Convert.FromHexString("ba050040ff"), sizes));
        Assert.Equal(0, FrameSizeReader.Read(Codec.Vp9, Convert.FromHexString("b80500ff"), sizes));
    }

    [Fact]
    public void Size_of_vp8_is_in_the_frame_header_of_a_key_frame()
    {
        const string payload = "10" + "000000" + "9d012a" + "8002" + "6801" + "00";

        Assert.Equal(Size(640, 360), Single(Codec.Vp8, payload));
        Assert.Null(Single(Codec.Vp8, payload.Replace("10000000", "10010000", StringComparison.Ordinal)));
        Assert.Null(Single(Codec.Vp8, payload[..^4]));
    }

    [Theory]
    [InlineData(2, 1280, 720)]
    [InlineData(-1, 160, 90)]
    [InlineData(8, 65535, 46080)]
    public void Size_of_another_layer_is_guessed_by_halves_and_doubles(int layers, int width, int height) =>
        Assert.Equal(Size(width, height), Size(320, 180).Scaled(layers));

    private static FrameSize Size(int width, int height) => new((ushort)width, (ushort)height);

    private static FrameSize? Single(Codec codec, string payload)
    {
        var sizes = new FrameSize[4];
        return FrameSizeReader.Read(codec, Convert.FromHexString(payload), sizes) == 0 ? null : sizes[0];
    }

    /// <summary>Writes syntax elements as the specifications name them, without any of the code under test.</summary>
    private sealed class BitWriter
    {
        private readonly List<bool> _bits = [];

        public BitWriter Put(uint value, int bits)
        {
            for (var bit = bits - 1; bit >= 0; bit--)
                _bits.Add(((value >> bit) & 1) != 0);
            return this;
        }

        public BitWriter PutExponentialGolomb(uint value)
        {
            var length = System.Numerics.BitOperations.Log2(value + 1);
            return Put(0, length).Put(value + 1, length + 1);
        }

        /// <summary>With the stop bit, and zeros up to the next byte.</summary>
        public byte[] ToArray()
        {
            var bytes = new byte[_bits.Count / 8 + 1];
            bytes[^1] |= (byte)(0x80 >> (_bits.Count % 8));
            for (var i = 0; i < _bits.Count; i++)
                bytes[i / 8] |= (byte)(_bits[i] ? 0x80 >> (i % 8) : 0);
            return bytes;
        }
    }
}
