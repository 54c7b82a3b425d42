using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace MediaNode.Core.Sctp;

/// <summary>DATA_CHANNEL_OPEN (RFC 8832 section 5.1).</summary>
public readonly ref struct DcepOpenView
{
    internal const byte OpenMessage = 3;
    internal const byte AckMessage = 2;
    internal const int FixedBytes = 12;

    private const byte UnorderedBit = 0x80;
    private const byte Reliable = 0;
    private const byte LimitedRetransmits = 1;
    private const byte LimitedLifetime = 2;

    private readonly ReadOnlySpan<byte> _message;

    private DcepOpenView(ReadOnlySpan<byte> message)
    {
        _message = message;
    }

    public SendOptions Options
    {
        get
        {
            var isOrdered = (_message[1] & UnorderedBit) == 0;
            // Above an int is as good as no limit.
            var parameter = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(_message[4..]), int.MaxValue);
            return (_message[1] & ~UnorderedBit) switch
            {
                LimitedRetransmits => new(isOrdered, parameter, null),
                LimitedLifetime => new(isOrdered, null, TimeSpan.FromMilliseconds(parameter)),
                _ => new(isOrdered, null, null),
            };
        }
    }

    public ReadOnlySpan<byte> Label => _message.Slice(FixedBytes, LabelBytes(_message));

    public ReadOnlySpan<byte> Protocol => _message[(FixedBytes + LabelBytes(_message))..];

    public DataChannelParameters ToParameters() => new(Encoding.UTF8.GetString(Label), Encoding.UTF8.GetString(Protocol), Options);

    public static bool TryParse(ReadOnlySpan<byte> message, out DcepOpenView view, out ParseFailure failure)
    {
        failure = Check(message);
        view = failure == ParseFailure.None ? new(message) : default;
        return failure == ParseFailure.None;
    }

    internal static byte[] Write(DataChannelParameters parameters)
    {
        var (label, protocol) = (Encoding.UTF8.GetBytes(parameters.Label), Encoding.UTF8.GetBytes(parameters.Protocol));
        var message = new byte[FixedBytes + label.Length + protocol.Length];
        var (type, limit) = parameters.Options switch
        {
            { MaximumRetransmits: { } retransmits } => (LimitedRetransmits, (uint)retransmits),
            { MaximumLifetime: { } lifetime } => (LimitedLifetime, (uint)lifetime.TotalMilliseconds),
            _ => (Reliable, 0u),
        };
        message[0] = OpenMessage;
        message[1] = (byte)(type | (parameters.Options.Ordered ? 0 : UnorderedBit));
        // Priority "normal" (RFC 8831 section 6.4).
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), 256);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), limit);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(8), (ushort)label.Length);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), (ushort)protocol.Length);
        label.CopyTo(message, FixedBytes);
        protocol.CopyTo(message, FixedBytes + label.Length);
        return message;
    }

    private static ParseFailure Check(ReadOnlySpan<byte> message)
    {
        if (message.Length < FixedBytes)
            return ParseFailure.Truncated;
        if (message[0] != OpenMessage)
            return ParseFailure.WrongType;
        if ((message[1] & ~UnorderedBit) > LimitedLifetime)
            return ParseFailure.WrongValue;
        var (label, protocol) = (LabelBytes(message), BinaryPrimitives.ReadUInt16BigEndian(message[10..]));
        if (label > DataChannelParameters.MaximumTextBytes || protocol > DataChannelParameters.MaximumTextBytes)
            return ParseFailure.TooMany;
        if (message.Length != FixedBytes + label + protocol)
            return ParseFailure.WrongLength;
        return Utf8.IsValid(message[FixedBytes..]) && Utf8.IsValid(message.Slice(FixedBytes, label)) ? ParseFailure.None : ParseFailure.WrongValue;
    }

    private static int LabelBytes(ReadOnlySpan<byte> message) => BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
}
