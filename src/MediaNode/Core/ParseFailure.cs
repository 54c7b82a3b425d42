namespace MediaNode.Core;

/// <summary>Why bytes from the network are not the message that they claim to be. A value, so that a drop can be counted by its reason without allocating.</summary>
public enum ParseFailure
{
    None = 0,

    /// <summary>The datagram or block ends before a field that must be there.</summary>
    Truncated,

    /// <summary>A version field, magic cookie or fixed bit pattern has another value.</summary>
    WrongVersion,

    /// <summary>Another packet or message type than the one asked for.</summary>
    WrongType,

    /// <summary>A length or count field disagrees with the bytes that are there.</summary>
    WrongLength,

    /// <summary>The padding count is zero or larger than what it pads.</summary>
    WrongPadding,

    /// <summary>Attributes in an order that the RFC forbids.</summary>
    WrongOrder,

    /// <summary>A checksum does not match.</summary>
    WrongChecksum,

    /// <summary>A value outside the range that its field allows.</summary>
    WrongValue,

    /// <summary>More items than this implementation takes, or than the caller made room for.</summary>
    TooMany,
}
