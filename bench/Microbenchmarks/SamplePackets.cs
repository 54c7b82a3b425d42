using System.Buffers.Binary;
using MediaNode.Core.Srtp;

namespace Microbenchmarks;

/// <summary>Packets as a browser sends them.</summary>
internal static class SamplePackets
{
    public const int HeaderBytes = 28;

    /// <summary>VP8 with MID, abs-send-time and transport-wide sequence number, and a descriptor with a long picture id.</summary>
    public static byte[] Video(int payloadBytes, ushort sequence = 1)
    {
        var packet = new byte[HeaderBytes + payloadBytes];
        ((ReadOnlySpan<byte>)
        [
            0x90, 96, 0, 0, 0, 0, 0, 1, 0, 0, 0, 42, 0xBE, 0xDE, 0, 3,
            0x40, (byte)'1', 0x22, 1, 2, 3, 0x31, 0, 1, 0, 0, 0,
            0x90, 0x80, 0x81, 0x23, 0x10,
        ]).CopyTo(packet);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        return packet;
    }

    /// <summary>A master salt as long as the profile wants it.</summary>
    public static byte[] Salt(SrtpProfile profile) => new byte[profile == SrtpProfile.AeadAes128Gcm ? 12 : 14];
}
