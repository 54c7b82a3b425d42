using System.Buffers.Binary;

namespace LoadGenerator.Media;

/// <summary>Payloads as encoders make them, as far as a server looks at them; the rest is filling that does not compress.</summary>
internal static class PayloadPattern
{
    /// <summary>The largest payload: what WebRTC's packetizers leave of an Ethernet frame.</summary>
    public const int MaximumBytes = 1200;

    public const int Vp8DescriptorBytes = 4;

    /// <summary>Hybrid mode, full band, one frame of 20 ms (RFC 6716 section 3.1).</summary>
    private const byte OpusFrame = 0x78;

    private static readonly byte[] Filling = CreateFilling();

    public static void WriteOpus(Span<byte> payload)
    {
        Filling.AsSpan(0, payload.Length).CopyTo(payload);
        payload[0] = OpusFrame;
    }

    /// <summary>RFC 7741 section 4.2: descriptor with a 15-bit picture id; RFC 6386 section 9.1: the frame's header in its first packet.</summary>
    public static void WriteVp8(Span<byte> payload, bool isFirst, bool isKeyFrame, ushort pictureId)
    {
        Filling.AsSpan(0, payload.Length).CopyTo(payload);
        payload[0] = (byte)(isFirst ? 0x90 : 0x80);
        payload[1] = 0x80;
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(0x8000 | pictureId));
        if (!isFirst)
            return;
        // The lowest bit is 0 in a key frame; then "show", and a key frame's start code and size of 1280x720.
        payload[4] = (byte)(isKeyFrame ? 0x10 : 0x11);
        if (isKeyFrame)
            ((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A, 0x00, 0x05, 0xD0, 0x02]).CopyTo(payload[7..]);
    }

    public static bool StartsKeyFrame(ReadOnlySpan<byte> payload) =>
        payload.Length > Vp8DescriptorBytes && (payload[0] & 0x1F) == 0x10 && (payload[Vp8DescriptorBytes] & 1) == 0;

    private static byte[] CreateFilling()
    {
        var filling = new byte[MaximumBytes];
        // A fixed seed: the bytes only have to differ.
        new Random(1).NextBytes(filling);
        return filling;
    }
}
