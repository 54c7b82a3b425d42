using System.Buffers.Binary;

namespace MediaNode.Core.Dtls;

/// <summary>The record headers of a DTLS 1.2 datagram (RFC 6347 section 4.1): type, version, epoch, sequence number, length.</summary>
internal static class DtlsRecords
{
    internal const int HeaderBytes = 13;

    /// <summary>
    /// The explicit nonce and the tag of AES-GCM (RFC 5288 section 3), in every encrypted record. OpenSSL 3.0 fails the whole connection on a shorter one,
    /// where RFC 6347 section 4.1.2.7 wants it dropped: anyone could end a call with one small datagram.
    /// </summary>
    internal const int EncryptionBytes = 8 + 16;

    private const int EpochOffset = 3;
    private const int NumberOffset = 7; // the low half of the 48-bit number; no handshake needs more
    private const int LengthOffset = 11;
    private const byte VersionMajor = 0xFE;
    private const byte ChangeCipherSpec = 20;
    private const byte Handshake = 22;
    private const byte ApplicationData = 23;

    /// <summary>
    /// Whether the datagram is a run of whole records of known types, without application data in the clear (epoch 0), which no peer sends, and without
    /// encrypted records too short to be any. Everything else is noise and never reaches OpenSSL.
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
            if (length > datagram.Length || !IsPlausible(datagram[..length]))
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

    /// <summary>
    /// Gives the plaintext records (epoch 0) of a well-formed run new numbers, counted up in <paramref name="next"/>. Nothing authenticates those numbers, but peers
    /// drop a number that they have seen, even when they could not use the record then (a change_cipher_spec that overtook the messages before it).
    /// Encrypted records are authenticated together with their number and stay as they are.
    /// </summary>
    internal static void RenumberPlaintext(Span<byte> records, ref uint next)
    {
        while (!records.IsEmpty)
        {
            if (Epoch(records) == 0)
                BinaryPrimitives.WriteUInt32BigEndian(records[NumberOffset..], next++);
            records = records[RecordLength(records)..];
        }
    }

    private static bool IsPlausible(ReadOnlySpan<byte> record) =>
        Epoch(record) == 0 ? record[0] != ApplicationData : record.Length >= HeaderBytes + EncryptionBytes;

    private static int Epoch(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16BigEndian(record[EpochOffset..]);

    private static int RecordLength(ReadOnlySpan<byte> record) => HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(record[LengthOffset..]);
}
