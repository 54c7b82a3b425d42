namespace MediaNode.Core.Rtp;

/// <summary>One element of a header extension.</summary>
public readonly ref struct HeaderExtensionElement(byte id, ReadOnlySpan<byte> value)
{
    public byte Id { get; } = id;

    public ReadOnlySpan<byte> Value { get; } = value;
}

/// <summary>
/// Walks the elements of a header extension in one-byte or two-byte form (RFC 8285 sections 4.2, 4.3). An unknown form has no elements,
/// and an element that runs over the end stops the walk: RFC 8285 lets a receiver ignore extensions, so the packet stays usable.
/// </summary>
public ref struct HeaderExtensionEnumerator
{
    internal const ushort OneByteProfile = 0xBEDE;
    internal const ushort TwoByteProfile = 0x1000;
    internal const ushort TwoByteProfileMask = 0xFFF0;

    private readonly ReadOnlySpan<byte> _data;
    private readonly bool _isTwoByte;
    private int _offset;
    private byte _id;
    private int _valueOffset;

    internal HeaderExtensionEnumerator(ushort profile, ReadOnlySpan<byte> data)
    {
        _isTwoByte = (profile & TwoByteProfileMask) == TwoByteProfile;
        _data = _isTwoByte || profile == OneByteProfile ? data : default;
    }

    public readonly HeaderExtensionElement Current => new(_id, _data[_valueOffset.._offset]);

    public readonly HeaderExtensionEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        // A zero byte is padding between elements, in both forms.
        while (_offset < _data.Length && _data[_offset] == 0)
            _offset++;
        if (_offset >= _data.Length)
            return false;
        return _isTwoByte ? MoveNextTwoByte() : MoveNextOneByte();
    }

    private bool MoveNextOneByte()
    {
        var first = _data[_offset];
        var id = (byte)(first >> 4);
        // RFC 8285 section 4.2: id 15 ends the processing. Id 0 with a length is no valid element, and is skipped as padding would be.
        return id != 15 && Accept(id, _offset + 1, (first & 0x0F) + 1);
    }

    private bool MoveNextTwoByte() =>
        _offset + 1 < _data.Length && Accept(_data[_offset], _offset + 2, _data[_offset + 1]);

    private bool Accept(byte id, int valueOffset, int length)
    {
        if (valueOffset + length > _data.Length)
        {
            _offset = _data.Length;
            return false;
        }

        _id = id;
        _valueOffset = valueOffset;
        _offset = valueOffset + length;
        return true;
    }
}
