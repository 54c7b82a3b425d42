using System.Buffers.Binary;

namespace MediaNode.Core.Srtp;

/// <summary>
/// Checks and decrypts the packets of one direction, for a bounded number of SSRCs. Single threaded; allocates nothing per packet (a new SSRC may).
/// A packet that does not authenticate changes nothing but the buffer it came in, which then holds rubbish.
/// </summary>
public sealed class SrtpReceiver : IDisposable
{
    private const uint EncryptedFlag = 1U << 31;

    private readonly SrtpCiphers ciphers;
    private readonly int tagBytes;
    private readonly SrtpSources rtpSources = new();
    private readonly SrtpSources rtcpSources = new();

    public SrtpReceiver(SrtpProfile profile, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        ciphers = new SrtpCiphers(profile, masterKey, masterSalt, encrypt: false);
        tagBytes = profile.TagBytes();
    }

    /// <summary>SSRCs that have sent an authentic RTP packet and still hold a slot.</summary>
    internal int RtpSourceCount => rtpSources.Count;

    /// <summary>SSRCs that may send at a time: 64, enough for any publisher. Somebody who receives a whole room over one connection needs more.</summary>
    public int MaximumSources
    {
        set => rtpSources.Maximum = rtcpSources.Maximum = value;
    }

    /// <summary>Says which SSRCs somebody reads the packets of: they keep their place however long they are silent.</summary>
    public Func<uint, bool> IsInUse
    {
        set => rtpSources.IsInUse = rtcpSources.IsInUse = value;
    }

    /// <summary>The packet decrypted last was newer than all before it of its source: not one that was late, or held back by somebody.</summary>
    public bool WasNewest { get; private set; }

    /// <summary>Decrypts in place: on success <c>packet[..length]</c> is the RTP packet and <paramref name="index"/> its ROC &lt;&lt; 16 | sequence number.</summary>
    public bool TryUnprotectRtp(Span<byte> packet, out int length, out ulong index, out SrtpFailure failure)
    {
        length = 0;
        index = 0;
        if (packet.Length < SrtpWire.RtpHeaderBytes + tagBytes)
        {
            failure = SrtpFailure.TooShort;
            return false;
        }

        if (!SrtpWire.TryMeasureRtpHeader(packet[..^tagBytes], out var headerLength))
        {
            failure = SrtpFailure.BadHeader;
            return false;
        }

        var ssrc = SrtpWire.RtpSsrc(packet);
        var slot = rtpSources.Find(ssrc);
        failure = Place(slot, ssrc, SrtpWire.SequenceNumber(packet), out var estimate);
        if (failure != SrtpFailure.None)
            return false;

        if (!TryOpenRtp(packet, headerLength, ssrc, estimate))
        {
            failure = SrtpFailure.AuthenticationFailed;
            return false;
        }

        WasNewest = rtpSources.Accept(slot, ssrc, estimate);
        index = estimate;
        length = packet.Length - tagBytes;
        return true;
    }

    /// <summary>Decrypts in place: on success <c>packet[..length]</c> is the compound RTCP packet.</summary>
    public bool TryUnprotectRtcp(Span<byte> packet, out int length, out SrtpFailure failure)
    {
        length = 0;
        var overhead = tagBytes + SrtpProfileParameters.RtcpIndexBytes;
        if (packet.Length < SrtpWire.RtcpHeaderBytes + overhead)
        {
            failure = SrtpFailure.TooShort;
            return false;
        }

        if (!SrtpWire.IsVersion2(packet))
        {
            failure = SrtpFailure.BadHeader;
            return false;
        }

        var indexOffset = packet.Length - (ciphers.GcmRtcp is null ? overhead : SrtpProfileParameters.RtcpIndexBytes);
        var indexField = BinaryPrimitives.ReadUInt32BigEndian(packet[indexOffset..]);
        var ssrc = SrtpWire.RtcpSsrc(packet);
        var index = indexField & ~EncryptedFlag;
        var slot = rtcpSources.Find(ssrc);
        failure = (indexField & EncryptedFlag) == 0 ? SrtpFailure.NotEncrypted : CheckRtcp(slot, ssrc, index);
        if (failure != SrtpFailure.None)
            return false;

        if (!TryOpenRtcp(packet, packet.Length - overhead, ssrc, index))
        {
            failure = SrtpFailure.AuthenticationFailed;
            return false;
        }

        WasNewest = rtcpSources.Accept(slot, ssrc, index);
        length = packet.Length - overhead;
        return true;
    }

    public void Dispose() => ciphers.Dispose();

    private SrtpFailure Place(int slot, uint ssrc, ushort sequenceNumber, out ulong index)
    {
        if (slot == SrtpSources.None)
        {
            index = sequenceNumber; // RFC 3711 section 3.3.1: the rollover counter of a new source is 0
            return rtpSources.CheckNew(ssrc);
        }

        ref readonly var window = ref rtpSources.Window(slot);
        var failure = SrtpIndexEstimate.TryEstimate(window.Highest, sequenceNumber, out index);
        return failure != SrtpFailure.None ? failure : window.Check(index);
    }

    private SrtpFailure CheckRtcp(int slot, uint ssrc, uint index)
    {
        if (slot == SrtpSources.None)
            return rtcpSources.CheckNew(ssrc);

        return rtcpSources.Window(slot).Check(index);
    }

    private bool TryOpenRtp(Span<byte> packet, int headerLength, uint ssrc, ulong index)
    {
        var body = packet[headerLength..^tagBytes];
        var tag = packet[^tagBytes..];
        if (ciphers.GcmRtp is { } gcm)
            return gcm.TryOpen(ssrc, index, packet[..headerLength], body, tag);

        var counterMode = ciphers.CounterModeRtp!;
        Span<byte> rolloverCounter = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(rolloverCounter, (uint)(index >> 16));
        if (!counterMode.Verify(packet[..^tagBytes], rolloverCounter, tag))
            return false;

        counterMode.Transform(ssrc, index, body, body);
        return true;
    }

    private bool TryOpenRtcp(Span<byte> packet, int plainLength, uint ssrc, uint index)
    {
        var body = packet[SrtpWire.RtcpHeaderBytes..plainLength];
        if (ciphers.GcmRtcp is { } gcm)
        {
            Span<byte> additional = stackalloc byte[SrtpWire.RtcpAdditionalBytes];
            SrtpWire.JoinRtcpAdditional(packet[..SrtpWire.RtcpHeaderBytes], packet[^SrtpProfileParameters.RtcpIndexBytes..], additional);
            return gcm.TryOpen(ssrc, index, additional, body, packet.Slice(plainLength, tagBytes));
        }

        var counterMode = ciphers.CounterModeRtcp!;
        if (!counterMode.Verify(packet[..^tagBytes], default, packet[^tagBytes..]))
            return false;

        counterMode.Transform(ssrc, index, body, body);
        return true;
    }
}
