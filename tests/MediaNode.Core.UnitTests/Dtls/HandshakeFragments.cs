using System.Buffers.Binary;

namespace MediaNode.Core.UnitTests.Dtls;

/// <summary>Cuts the plaintext handshake messages of a datagram into fragments (RFC 6347 section 4.2.3), each a record in a datagram of its own.</summary>
internal static class HandshakeFragments
{
    private const int RecordHeader = 13;
    private const int MessageHeader = 12;
    private const byte Handshake = 22;

    /// <summary>
    /// Fragments get record numbers above all others: the original number times 16, plus their own. Encrypted records keep theirs, since those are authenticated.
    /// </summary>
    /// <param name="datagram">Whole records.</param>
    /// <param name="maxFragmentBytes">Of each fragment's body.</param>
    /// <param name="overlapBytes">How many bytes of the one before each fragment has again, beyond that.</param>
    internal static List<byte[]> Split(byte[] datagram, int maxFragmentBytes, int overlapBytes = 0)
    {
        var result = new List<byte[]>();
        var encryptedOrOther = new List<byte>();
        for (var offset = 0; offset < datagram.Length;)
        {
            var length = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(offset + 11));
            var record = datagram.AsSpan(offset, length);
            if (record[0] == Handshake && BinaryPrimitives.ReadUInt16BigEndian(record[3..]) == 0)
                result.AddRange(SplitRecord(record, maxFragmentBytes, overlapBytes));
            else
                encryptedOrOther.AddRange(Renumbered(record));
            offset += length;
        }

        if (encryptedOrOther.Count > 0)
            result.Add([.. encryptedOrOther]);
        return result;
    }

    /// <summary>Every second fragment of a message says that the message is longer or shorter than the others say.</summary>
    internal static List<byte[]> SplitWithLengths(byte[] datagram, int maxFragmentBytes, int difference)
    {
        var fragments = Split(datagram, maxFragmentBytes);
        foreach (var fragment in fragments.Where((fragment, i) => i % 2 == 1 && fragment[0] == Handshake && fragment[4] == 0))
        {
            var length = (fragment[RecordHeader + 1] << 16) | (fragment[RecordHeader + 2] << 8) | fragment[RecordHeader + 3];
            WriteUInt24(fragment.AsSpan(RecordHeader + 1), length + difference);
        }
        return fragments;
    }

    private static List<byte[]> SplitRecord(ReadOnlySpan<byte> record, int maxFragmentBytes, int overlapBytes)
    {
        var result = new List<byte[]>();
        var message = record[RecordHeader..];
        var fragmentOffset = (message[6] << 16) | (message[7] << 8) | message[8];
        var body = message[MessageHeader..];
        for (var start = 0; start == 0 || start < body.Length; start += maxFragmentBytes)
        {
            var first = Math.Max(0, start - overlapBytes);
            var part = body[first..Math.Min(start + maxFragmentBytes, body.Length)];
            byte[] fragment = [.. record[..RecordHeader], .. message[..MessageHeader], .. part];
            Renumber(fragment, result.Count);
            BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(11), (ushort)(MessageHeader + part.Length));
            WriteUInt24(fragment.AsSpan(RecordHeader + 6), fragmentOffset + first);
            WriteUInt24(fragment.AsSpan(RecordHeader + 9), part.Length);
            result.Add(fragment);
        }

        return result;
    }

    private static byte[] Renumbered(ReadOnlySpan<byte> record)
    {
        var copy = record.ToArray();
        if (BinaryPrimitives.ReadUInt16BigEndian(record[3..]) == 0)
            Renumber(copy, 0);
        return copy;
    }

    private static void Renumber(Span<byte> record, int fragment)
    {
        var number = BinaryPrimitives.ReadUInt32BigEndian(record[7..]);
        BinaryPrimitives.WriteUInt32BigEndian(record[7..], number * 16 + (uint)fragment);
    }

    private static void WriteUInt24(Span<byte> destination, int value) =>
        (destination[0], destination[1], destination[2]) = ((byte)(value >> 16), (byte)(value >> 8), (byte)value);
}
