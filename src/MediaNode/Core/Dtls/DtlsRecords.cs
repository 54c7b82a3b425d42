using System.Buffers.Binary;

namespace MediaNode.Core.Dtls;

/// <summary>
/// The record headers of a DTLS datagram: of 1.2, and of what 1.3 sends in the clear (RFC 6347 section 4.1: type, version, epoch, sequence number, length), and the
/// unified header of what 1.3 encrypts (RFC 9147 section 4: 0 0 1 C S L E E).
/// </summary>
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

    /// <summary>Of RFC 9147 section 7; in the clear only early in a handshake.</summary>
    private const byte Acknowledgement = 26;

    private const byte UnifiedMask = 0xE0;
    private const byte Unified = 0x20;
    private const byte ConnectionIdBit = 0x10;
    private const byte LongNumberBit = 0x08;
    private const byte LengthBit = 0x04;

    /// <summary>The tag of every AEAD of DTLS 1.3 but one that browsers do not have, and the content type that is encrypted with the content.</summary>
    private const int UnifiedEncryptionBytes = 16 + 1;

    /// <summary>
    /// Whether the datagram is a run of whole records of known types, without application data in the clear (epoch 0), which no peer sends, and without
    /// encrypted records too short to be any. Everything else is noise and never reaches OpenSSL.
    /// </summary>
    /// <param name="datagram">From the network.</param>
    /// <param name="isDtls13">The version was agreed upon: its own records may come.</param>
    internal static bool IsWellFormed(ReadOnlySpan<byte> datagram, bool isDtls13)
    {
        if (datagram.IsEmpty)
            return false;

        while (!datagram.IsEmpty)
        {
            if (!HasKnownHeader(datagram, isDtls13))
                return false;
            var length = RecordLength(datagram);
            if (length > datagram.Length || !IsPlausible(datagram[..length]))
                return false;
            datagram = datagram[length..];
        }

        return true;
    }

    /// <summary>
    /// Whether a well-formed run has a handshake or change_cipher_spec record: part of a flight, and not an alert or data. What DTLS 1.3 encrypts may be either.
    /// </summary>
    internal static bool ContainHandshake(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            if (records[0] is Handshake or ChangeCipherSpec || IsUnified(records))
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
            if (!IsUnified(records) && Epoch(records) == 0)
                BinaryPrimitives.WriteUInt32BigEndian(records[NumberOffset..], next++);
            records = records[RecordLength(records)..];
        }
    }

    private static bool HasKnownHeader(ReadOnlySpan<byte> record, bool isDtls13)
    {
        // Connection ids are never negotiated here (RFC 9147 section 9).
        if (IsUnified(record))
            return isDtls13 && (record[0] & ConnectionIdBit) == 0 && record.Length >= UnifiedHeaderBytes(record[0]);
        var isKnownType = record[0] is >= ChangeCipherSpec and <= ApplicationData || (isDtls13 && record[0] == Acknowledgement);
        return isKnownType && record.Length >= HeaderBytes && record[1] == VersionMajor;
    }

    private static bool IsPlausible(ReadOnlySpan<byte> record)
    {
        if (IsUnified(record))
            return record.Length >= UnifiedHeaderBytes(record[0]) + UnifiedEncryptionBytes;
        return Epoch(record) == 0 ? record[0] != ApplicationData : record.Length >= HeaderBytes + EncryptionBytes;
    }

    private static bool IsUnified(ReadOnlySpan<byte> record) => (record[0] & UnifiedMask) == Unified;

    private static int UnifiedHeaderBytes(byte first) =>
        1 + ((first & LongNumberBit) != 0 ? 2 : 1) + ((first & LengthBit) != 0 ? sizeof(ushort) : 0);

    private static int Epoch(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadUInt16BigEndian(record[EpochOffset..]);

    private static int RecordLength(ReadOnlySpan<byte> record)
    {
        if (!IsUnified(record))
            return HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(record[LengthOffset..]);
        // Without a length the record is all the rest of the datagram.
        var header = UnifiedHeaderBytes(record[0]);
        return (record[0] & LengthBit) == 0 ? record.Length : header + BinaryPrimitives.ReadUInt16BigEndian(record[(header - sizeof(ushort))..]);
    }
}
