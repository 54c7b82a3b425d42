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

    /// <summary>ns(n) of the AV1 specification, section 4.10.7: a value below n, in as few bits as all of them need.</summary>
    public uint ReadNonSymmetric(uint n)
    {
        var width = 32 - System.Numerics.BitOperations.LeadingZeroCount(n);
        var shorter = (1u << width) - n;
        var value = Read(width - 1);
        return value < shorter ? value : (value << 1) - shorter + Read(1);
    }
}
