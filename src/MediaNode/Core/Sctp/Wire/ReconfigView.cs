using System.Buffers.Binary;

namespace MediaNode.Core.Sctp;

/// <summary>RE-CONFIG (RFC 6525 section 3.1): one or two requests or responses.</summary>
public readonly ref struct ReconfigView
{
    private const int MaximumParameters = 2;

    private readonly ReadOnlySpan<byte> _value;

    private ReconfigView(ReadOnlySpan<byte> value)
    {
        _value = value;
    }

    public ParameterEnumerator Parameters => new(_value);

    public static bool TryParse(ChunkView chunk, out ReconfigView view, out ParseFailure failure)
    {
        view = default;
        failure = chunk.Type != ChunkType.Reconfig ? ParseFailure.WrongType
            : chunk.Value.IsEmpty ? ParseFailure.Truncated
            : ParameterEnumerator.Check(chunk.Value);
        if (failure != ParseFailure.None)
            return false;
        view = new(chunk.Value);
        var count = 0;
        foreach (var parameter in view.Parameters)
            count++;
        if (count > MaximumParameters)
            failure = ParseFailure.TooMany;
        return failure == ParseFailure.None;
    }
}

/// <summary>Outgoing SSN Reset Request (RFC 6525 section 4.1): the sender begins its streams anew.</summary>
public readonly ref struct OutgoingResetView
{
    private const int FixedBytes = 12;

    private readonly ReadOnlySpan<byte> _value;

    private OutgoingResetView(ReadOnlySpan<byte> value)
    {
        _value = value;
    }

    public uint RequestNumber => BinaryPrimitives.ReadUInt32BigEndian(_value);

    /// <summary>The last TSN that the sender gave out before: the reset is done once all up to it have arrived.</summary>
    public Tsn LastTsn => new(BinaryPrimitives.ReadUInt32BigEndian(_value[8..]));

    /// <summary>0 means all streams.</summary>
    public int StreamCount => (_value.Length - FixedBytes) / sizeof(ushort);

    public ushort StreamId(int index) => BinaryPrimitives.ReadUInt16BigEndian(_value[(FixedBytes + sizeof(ushort) * index)..]);

    public static bool TryParse(ParameterView parameter, out OutgoingResetView view, out ParseFailure failure)
    {
        failure = parameter.Type != ParameterType.OutgoingReset ? ParseFailure.WrongType
            : parameter.Value.Length < FixedBytes ? ParseFailure.Truncated
            : parameter.Value.Length % sizeof(ushort) != 0 ? ParseFailure.WrongLength
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new(parameter.Value) : default;
        return failure == ParseFailure.None;
    }
}

/// <summary>Re-configuration Response (RFC 6525 section 4.4).</summary>
public readonly ref struct ReconfigResponseView
{
    private const int FixedBytes = 8;

    private readonly ReadOnlySpan<byte> _value;

    private ReconfigResponseView(ReadOnlySpan<byte> value)
    {
        _value = value;
    }

    public uint RequestNumber => BinaryPrimitives.ReadUInt32BigEndian(_value);

    internal ReconfigResult Result => (ReconfigResult)BinaryPrimitives.ReadUInt32BigEndian(_value[4..]);

    public static bool TryParse(ParameterView parameter, out ReconfigResponseView view, out ParseFailure failure)
    {
        failure = parameter.Type != ParameterType.ReconfigResponse ? ParseFailure.WrongType
            : parameter.Value.Length < FixedBytes ? ParseFailure.Truncated
            : ParseFailure.None;
        view = failure == ParseFailure.None ? new(parameter.Value) : default;
        return failure == ParseFailure.None;
    }
}

/// <summary>RFC 6525 section 4.4.</summary>
internal enum ReconfigResult : uint
{
    NothingToDo = 0,
    Performed = 1,
    Denied = 2,
    BadSequenceNumber = 5,
    InProgress = 6,
}
