namespace MediaNode.Core.Sctp;

/// <summary>What one association may cost, and how long it tries. One association is one client's PeerConnection.</summary>
internal static class SctpLimits
{
    /// <summary>Bytes of a packet: what one DTLS record in a datagram of 1200 bytes holds (1163), rounded down to whole words.</summary>
    public const int PacketBytes = 1160;

    /// <summary>Bytes of user data in a packet with one DATA chunk.</summary>
    public const int FragmentBytes = PacketBytes - SctpWire.HeaderBytes - SctpWire.DataHeaderBytes;

    /// <summary>Bytes of a message, each way: what a=max-message-size says, and what browsers announce.</summary>
    public const int MessageBytes = 262_144;

    /// <summary>Bytes that wait for the rest of their message, or for a message before theirs: the advertised window. Room for one longest message that lost a packet, and what follows it meanwhile.</summary>
    public const int ReceiveBufferBytes = 2 * MessageBytes;

    /// <summary>Pieces among those bytes, which bounds what many small ones cost. A longest message has 232 from a browser.</summary>
    public const int ReceiveBufferPieces = 4096;

    /// <summary>TSNs after the first missing one that are taken; a SACK can report 65,535.</summary>
    public const int ReceiveWindowTsns = 4096;

    /// <summary>Bytes that wait to be sent or acknowledged. More is not taken, so a slow reader costs this much and no more.</summary>
    public const int SendBufferBytes = 1 << 20;

    /// <summary>Bytes of those that partially reliable messages may use: they are dropped first.</summary>
    public const int UnreliableSendBufferBytes = SendBufferBytes / 2;

    /// <summary>Messages that wait to be sent, which bounds what many small ones cost.</summary>
    public const int SendBufferMessages = 4096;

    /// <summary>Pieces in flight; the congestion window, at most <see cref="SendBufferBytes"/>, holds some 930 full ones.</summary>
    public const int OutstandingChunks = 4096;

    /// <summary>Control chunks that wait to be sent. The peer asks for each, so one that asks faster than it takes answers gets none.</summary>
    public const int ControlChunks = 32;

    /// <summary>Bytes of a control chunk that is sent.</summary>
    public const int ControlChunkBytes = 1024;

    /// <summary>Bytes of a HEARTBEAT's information that are sent back.</summary>
    public const int HeartbeatBytes = 256;

    /// <summary>Streams each way; ids above are refused. Browsers ask for 1024 or 65,535.</summary>
    public const int Streams = 1024;

    /// <summary>Streams of one reset request; a longer list is sent in several.</summary>
    public const int StreamsPerReset = 128;

    /// <summary>Bytes of a state cookie that is echoed. Ours has 64, those of browsers' stacks up to about 500.</summary>
    public const int CookieBytes = 1000;

    /// <summary>INIT and COOKIE ECHO are each repeated so often (Max.Init.Retransmits, RFC 9260 section 16); the peer may still begin after that.</summary>
    public const int HandshakeRetries = 8;

    /// <summary>Timeouts in a row until the peer counts as lost (Association.Max.Retrans, RFC 9260 section 16): about a minute.</summary>
    public const int Retries = 10;

    /// <summary>Valid.Cookie.Life (RFC 9260 section 16).</summary>
    public static readonly TimeSpan CookieLife = TimeSpan.FromSeconds(60);

    /// <summary>HB.interval (RFC 9260 section 16): on a silent association only.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(30);

    /// <summary>RFC 9260 section 6.2: at most 200 ms, and below the peer's smallest RTO (400 ms in Chromium).</summary>
    public static readonly TimeSpan SackDelay = TimeSpan.FromMilliseconds(100);
}
