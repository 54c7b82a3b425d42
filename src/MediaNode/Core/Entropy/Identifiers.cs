using System.Buffers.Binary;

namespace MediaNode.Core.Entropy;

/// <summary>Random identifiers of the shapes that ICE and RTP want.</summary>
internal static class Identifiers
{
    /// <summary>The ice-chars of RFC 8839 section 5.4: exactly 64, so a random byte's low 6 bits pick one without bias.</summary>
    private const string IceCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    public static string IceText(this IEntropy entropy, int length)
    {
        Span<byte> bytes = stackalloc byte[length];
        entropy.Fill(bytes);
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++)
            text[i] = IceCharacters[bytes[i] & 63];
        return new(text);
    }

    public static uint UInt32(this IEntropy entropy)
    {
        Span<byte> bytes = stackalloc byte[4];
        entropy.Fill(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
