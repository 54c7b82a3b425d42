namespace MediaNode.Core.Sctp;

/// <summary>Sizes of RFC 9260 section 3, in bytes.</summary>
internal static class SctpWire
{
    public const int HeaderBytes = 12;
    public const int ChunkHeaderBytes = 4;
    public const int ParameterHeaderBytes = 4;

    /// <summary>A DATA chunk without its user data.</summary>
    public const int DataHeaderBytes = 16;

    /// <summary>Chunks, parameters and error causes are padded to 32 bits; their length fields do not count the padding.</summary>
    public static int Padded(int length) => (length + 3) & ~3;
}

/// <summary>Chunk types of RFC 9260 section 3.2, RFC 3758 and RFC 6525. The two high bits of an unknown one say what to do with it.</summary>
public enum ChunkType : byte
{
    Data = 0,
    Init = 1,
    InitAck = 2,
    Sack = 3,
    Heartbeat = 4,
    HeartbeatAck = 5,
    Abort = 6,
    Shutdown = 7,
    ShutdownAck = 8,
    Error = 9,
    CookieEcho = 10,
    CookieAck = 11,
    ShutdownComplete = 14,
    Reconfig = 130,
    ForwardTsn = 192,
}

/// <summary>Parameter types of RFC 9260 section 3.3, RFC 3758, RFC 5061 and RFC 6525.</summary>
internal static class ParameterType
{
    public const ushort HeartbeatInfo = 1;
    public const ushort StateCookie = 7;
    public const ushort UnrecognizedParameter = 8;
    public const ushort OutgoingReset = 13;
    public const ushort IncomingReset = 14;
    public const ushort AssociationReset = 15;
    public const ushort ReconfigResponse = 16;
    public const ushort AddOutgoingStreams = 17;
    public const ushort AddIncomingStreams = 18;
    public const ushort SupportedExtensions = 0x8008;
    public const ushort ForwardTsnSupported = 0xC000;
}

/// <summary>Error causes of RFC 9260 section 3.3.10 that are sent here.</summary>
internal enum ErrorCause : ushort
{
    None = 0,
    InvalidStream = 1,
    StaleCookie = 3,
    UnrecognizedChunk = 6,
    UnrecognizedParameters = 8,
    NoUserData = 9,
    UserInitiated = 12,
    ProtocolViolation = 13,
}
