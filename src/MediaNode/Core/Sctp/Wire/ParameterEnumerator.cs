using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>A parameter of a chunk, or an error cause: they have the same shape.</summary>
public readonly ref struct ParameterView
{
    internal ParameterView(ReadOnlySpan<byte> bytes)
    {
        Bytes = bytes;
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public ushort Type => BinaryPrimitives.ReadUInt16BigEndian(Bytes);

    public ReadOnlySpan<byte> Value => Bytes[SctpWire.ParameterHeaderBytes..];
}

/// <summary>Walks parameters whose bounds <see cref="Check"/> has found right.</summary>
public ref struct ParameterEnumerator
{
    /// <summary>Parameters of one chunk; peers send up to eight.</summary>
    public const int MaximumParameters = 32;

    private ReadOnlySpan<byte> _rest;

    internal ParameterEnumerator(ReadOnlySpan<byte> parameters)
    {
        _rest = parameters;
    }

    public ParameterView Current { get; private set; }

    public readonly ParameterEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        Current = new(_rest[..length]);
        _rest = _rest[Math.Min(SctpWire.Padded(length), _rest.Length)..];
        return true;
    }

    internal static ParseFailure Check(ReadOnlySpan<byte> parameters)
    {
        var count = 0;
        for (var rest = parameters; !rest.IsEmpty; count++)
        {
            if (rest.Length < SctpWire.ParameterHeaderBytes)
                return ParseFailure.Truncated;
            if (count == MaximumParameters)
                return ParseFailure.TooMany;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < SctpWire.ParameterHeaderBytes || length > rest.Length)
                return ParseFailure.WrongLength;
            rest = rest[Math.Min(SctpWire.Padded(length), rest.Length)..];
        }
        return ParseFailure.None;
    }
}
