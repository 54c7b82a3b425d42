using MediaNode.Core.Time;

namespace MediaNode.Core.Sctp;

/// <summary>Writes the chunks of the four-way handshake (RFC 9260 section 5.1), and reads what they say about extensions.</summary>
internal static class HandshakeChunks
{
    /// <summary>Room for the parameters of an INIT that are not understood, which go back to the peer.</summary>
    private const int MaximumReportBytes = 512;

    public static byte[] WriteInit(uint tag, Tsn initialTsn)
    {
        var writer = Begin(stackalloc byte[SctpLimits.ControlChunkBytes], ChunkType.Init, tag, initialTsn);
        return writer.Finish();
    }

    public static byte[] WriteInitAck(uint tag, Tsn initialTsn, in InitChunkView init, in PeerParameters peer, ReadOnlySpan<byte> key, Instant now)
    {
        var writer = Begin(stackalloc byte[SctpLimits.ControlChunkBytes], ChunkType.InitAck, tag, initialTsn);
        StateCookie.Write(writer.AddParameter(ParameterType.StateCookie, StateCookie.Bytes), peer, tag, key, now);
        AddUnrecognized(ref writer, init.Parameters, ParameterType.UnrecognizedParameter);
        return writer.Finish();
    }

    public static byte[] WriteCookieEcho(ReadOnlySpan<byte> cookie) =>
        [(byte)ChunkType.CookieEcho, 0, (byte)((cookie.Length + SctpWire.ChunkHeaderBytes) >> 8), (byte)(cookie.Length + SctpWire.ChunkHeaderBytes), .. cookie];

    /// <summary>The ERROR that goes with COOKIE ECHO when the INIT ACK has parameters to be reported (RFC 9260 section 3.2.2); null when it has none.</summary>
    public static byte[]? WriteUnrecognizedError(in InitChunkView initAck)
    {
        var writer = new ChunkWriter(stackalloc byte[SctpLimits.ControlChunkBytes], ChunkType.Error);
        return AddUnrecognized(ref writer, initAck.Parameters, (ushort)ErrorCause.UnrecognizedParameters) ? writer.Finish() : null;
    }

    /// <summary>The cookie of an INIT ACK.</summary>
    public static bool TryGetCookie(in InitChunkView initAck, out ReadOnlySpan<byte> cookie)
    {
        foreach (var parameter in initAck.Parameters)
        {
            if (parameter.Type != ParameterType.StateCookie)
                continue;
            cookie = parameter.Value;
            return cookie.Length is > 0 and <= SctpLimits.CookieBytes;
        }
        cookie = default;
        return false;
    }

    private static ChunkWriter Begin(Span<byte> buffer, ChunkType type, uint tag, Tsn initialTsn)
    {
        var writer = new ChunkWriter(buffer, type);
        writer.Write(tag);
        writer.Write((uint)SctpLimits.ReceiveBufferBytes);
        writer.Write((ushort)SctpLimits.Streams);
        writer.Write((ushort)SctpLimits.Streams);
        writer.Write(initialTsn.Value);
        _ = writer.AddParameter(ParameterType.ForwardTsnSupported, 0);
        var extensions = writer.AddParameter(ParameterType.SupportedExtensions, 2);
        extensions[0] = (byte)ChunkType.Reconfig;
        extensions[1] = (byte)ChunkType.ForwardTsn;
        return writer;
    }

    /// <summary>RFC 9260 section 3.2.1: the second bit of an unknown parameter's type asks for a report, and the first allows to go on behind it.</summary>
    private static bool AddUnrecognized(ref ChunkWriter writer, ParameterEnumerator parameters, ushort reportType)
    {
        var reported = 0;
        foreach (var parameter in parameters)
        {
            if (IsKnown(parameter.Type))
                continue;
            if ((parameter.Type & 0x4000) != 0 && reported + parameter.Bytes.Length <= MaximumReportBytes && parameter.Bytes.Length <= writer.Room)
            {
                parameter.Bytes.CopyTo(writer.AddParameter(reportType, parameter.Bytes.Length));
                reported += parameter.Bytes.Length;
            }
            if ((parameter.Type & 0x8000) == 0)
                break;
        }
        return reported > 0;
    }

    /// <summary>Also those that RFC 9260 defines and that mean nothing over DTLS: addresses (5, 6, 11, 12), cookie preservative (9), and ECN (0x8000).</summary>
    private static bool IsKnown(ushort type) => type is 5 or 6 or ParameterType.StateCookie or ParameterType.UnrecognizedParameter or 9 or 11 or 12
        or 0x8000 or ParameterType.SupportedExtensions or ParameterType.ForwardTsnSupported;
}
