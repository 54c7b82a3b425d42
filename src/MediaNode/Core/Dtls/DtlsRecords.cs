using System.Buffers.Binary;

namespace MediaNode.Core.Dtls;

/// <summary>The record headers of a DTLS 1.2 datagram (RFC 6347 section 4.1): type, version, epoch, sequence number, length.</summary>
internal static class DtlsRecords
{
    internal const int HeaderBytes = 13;

    private const int LengthOffset = 11;
    private const byte VersionMajor = 0xFE;
    private const byte ChangeCipherSpec = 20;
    private const byte Handshake = 22;
    private const byte ApplicationData = 23;

    /// <summary>
    /// Whether the datagram is a run of whole records of known types, without application data in the clear (epoch 0), which no peer sends.
    /// Everything else is noise and never reaches OpenSSL.
    /// </summary>
    internal static bool IsWellFormed(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty)
            return false;

        while (!datagram.IsEmpty)
        {
            if (datagram.Length < HeaderBytes || datagram[0] is < ChangeCipherSpec or > ApplicationData || datagram[1] != VersionMajor)
                return false;
            var length = RecordLength(datagram);
            if (length > datagram.Length || (datagram[0] == ApplicationData && Epoch(datagram) == 0))
                return false;
            datagram = datagram[length..];
        }

        return true;
    }

    /// <summary>Whether a well-formed run has a handshake or change_cipher_spec record: part of a flight, and not an alert or data.</summary>
    internal static bool ContainHandshake(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            if (records[0] is Handshake or ChangeCipherSpec)
                return true;
            records = records[RecordLength(records)..];
        }

        return false;
    }

    /// <summary>How many bytes at the start of a well-formed run are whole records that fit a datagram of <paramref name="maxBytes"/>; at least one record.</summary>
    internal static int TakeDatagram(ReadOnlySpan<byte> records, int maxBytes)
    {
        var taken = RecordLength(records);
        while (taken < records.Length)
        {
            var next = RecordLength(records[taken..]);
            if (taken + next > maxBytes)
                break;
            taken += next;
        }

        return taken;
    }

    private static int Epoch(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16BigEndian(record[3..]);

    private static int RecordLength(ReadOnlySpan<byte> record) => HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(record[LengthOffset..]);
}
