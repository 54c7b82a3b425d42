namespace MediaNode.Core.Rtp;

/// <summary>Reads bits, the highest first. Past the end it reads zeros and says so once, so that a parser need not ask after every field.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    /// <summary>More was read than there is.</summary>
    public bool IsOverrun { get; private set; }

    public bool ReadFlag() => Read(1) != 0;

    /// <param name="bits">At most 32.</param>
    public uint Read(int bits)
    {
        if (_position + bits > _data.Length * 8)
        {
            IsOverrun = true;
            _position = _data.Length * 8;
            return 0;
        }
        var value = 0u;
        for (; bits > 0; bits--, _position++)
            value = (value << 1) | (uint)((_data[_position >> 3] >> (7 - (_position & 7))) & 1);
        return value;
    }

    /// <summary>ue(v) of H.264 section 9.1, which is uvlc() of the AV1 specification: as many zeros as digits follow the first one. At most 32.</summary>
    public uint ReadExponentialGolomb()
    {
        var zeros = 0;
        while (zeros < 32 && !IsOverrun && !ReadFlag())
            zeros++;
        return zeros == 32 ? uint.MaxValue : (1u << zeros) - 1 + Read(zeros);
    }

    /// <summary>se(v) of H.264 section 9.1.1.</summary>
    public int ReadSignedExponentialGolomb()
    {
        var value = (long)ReadExponentialGolomb();
        return (int)((value & 1) != 0 ? (value + 1) / 2 : -(value / 2));
    }

    /// <summary>ns(n) of the AV1 specification, section 4.10.7: a value below n, in as few bits as all of them need.</summary>
    public uint ReadNonSymmetric(uint n)
    {
        var width = 32 - System.Numerics.BitOperations.LeadingZeroCount(n);
        var shorter = (1u << width) - n;
        var value = Read(width - 1);
        return value < shorter ? value : (value << 1) - shorter + Read(1);
    }
}
