using System.Text;
using MediaNode.Core.Dtls;
using MediaNode.Core.Fuzz.Engine;
using MediaNode.Core.Net;
using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sctp;
using MediaNode.Core.Sdp;
using MediaNode.Core.Stun;

namespace MediaNode.Core.Fuzz;

/// <summary>
/// One function per parser: takes any bytes, and reads whatever a successful parse promises to be readable. One more for what all of them serve: an engine that is driven by
/// the bytes. A target fails by throwing.
/// The functions are plain, so that any fuzzing engine can drive them; <see cref="CorpusTests"/> replays and mutates the corpus.
/// </summary>
public static class FuzzTargets
{
    /// <summary>Which target covers the parser of a type.</summary>
    public static readonly IReadOnlyDictionary<Type, string> Covers = new Dictionary<Type, string>
    {
        [typeof(StunMessageView)] = nameof(Stun),
        [typeof(RtpPacketView)] = nameof(Rtp),
        [typeof(RedundantPayload)] = nameof(Redundant),
        [typeof(Vp8PayloadDescriptor)] = nameof(Vp8),
        [typeof(Vp9PayloadDescriptor)] = nameof(Vp9),
        [typeof(DependencyDescriptor)] = nameof(Dependencies),
        [typeof(RtcpCompoundReader)] = nameof(Rtcp),
        [typeof(SenderReportView)] = nameof(SenderReports),
        [typeof(ReceiverReportView)] = nameof(ReceiverReports),
        [typeof(SourceDescriptionView)] = nameof(SourceDescriptions),
        [typeof(GoodbyeView)] = nameof(Goodbyes),
        [typeof(NackView)] = nameof(Nacks),
        [typeof(PictureLossView)] = nameof(PictureLosses),
        [typeof(FullIntraRequestView)] = nameof(FullIntraRequests),
        [typeof(ReceiverBandwidthView)] = nameof(ReceiverBandwidths),
        [typeof(TransportFeedbackView)] = nameof(TransportFeedbacks),
        [typeof(SessionDescription)] = nameof(Sdp),
        [typeof(IceCandidate)] = nameof(Candidate),
        [typeof(StreamFrameReader)] = nameof(Streams),
        [typeof(DtlsFingerprint)] = nameof(Fingerprint),
        [typeof(SctpPacketView)] = nameof(Sctp),
        [typeof(DataChunkView)] = nameof(Sctp),
        [typeof(InitChunkView)] = nameof(Sctp),
        [typeof(SackChunkView)] = nameof(Sctp),
        [typeof(ForwardTsnView)] = nameof(Sctp),
        [typeof(ReconfigView)] = nameof(Sctp),
        [typeof(OutgoingResetView)] = nameof(Sctp),
        [typeof(ReconfigResponseView)] = nameof(Sctp),
        [typeof(DcepOpenView)] = nameof(DataChannelOpen),
    };

    /// <summary>Targets that take a millisecond.</summary>
    public static readonly IReadOnlyList<string> Slow = [nameof(Engine)];

    public static void Stun(ReadOnlySpan<byte> data)
    {
        if (!StunMessageView.TryParse(data, out var view, out _))
            return;
        Span<ushort> unknown = stackalloc ushort[4];
        _ = (view.Method, view.Class, view.TransactionId, view.Priority, view.UseCandidate, view.IceControlled, view.IceControlling, view.ErrorCode, view.Username.Length);
        view.CopyUnknownComprehensionRequired(unknown);
        view.TryGetXorMappedAddress(out _);
        view.VerifyIntegrity("password"u8);
        BindingMessages.WriteError(stackalloc byte[StunMessageWriter.RecommendedBufferSize], view, StunErrorCode.UnknownAttribute, "password"u8);
    }

    public static void Rtp(ReadOnlySpan<byte> data)
    {
        if (!RtpPacketView.TryParse(data, out var view, out _))
            return;
        _ = (view.Marker, view.PayloadType, view.SequenceNumber, view.Timestamp, view.Ssrc, view.ContributingSources.Length, view.Payload.Length);
        var map = HeaderExtensionMap.DropAll;
        for (byte id = 1; id <= HeaderExtensionMap.MaximumId; id++)
            map = map.With(id, (byte)(1 + id % HeaderExtensionMap.MaximumId));
        var buffer = new byte[view.HeaderLength + RtpHeaderWriter.MaximumGrowth];
        var length = RtpHeaderWriter.Write(buffer, view, Rewrite(isTwoByte: data.Length % 2 == 0), map);
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var written, out _));
        Assert.Equal(length, written.HeaderLength);
        Assert.True(written.TryGetExtension(1, out var mid) && mid.Length == 16);
    }

    /// <summary>The extension alone: the first two bytes are its form, the others its elements. What is forwarded of it reads as it did.</summary>
    public static void HeaderExtensions(ReadOnlySpan<byte> data)
    {
        if (data.Length < 2)
            return;
        var elements = data[2..Math.Min(data.Length, 1000)];
        var packet = new byte[12 + 4 + (elements.Length + 3) / 4 * 4 + 1];
        packet[0] = 0x90;
        data[..2].CopyTo(packet.AsSpan(12));
        packet[15] = (byte)((elements.Length + 3) / 4);
        elements.CopyTo(packet.AsSpan(16));
        Assert.True(RtpPacketView.TryParse(packet, out var view, out _));
        var map = HeaderExtensionMap.DropAll;
        for (byte id = 1; id <= HeaderExtensionMap.MaximumId; id++)
            map = map.With(id, id);
        var buffer = new byte[view.HeaderLength + RtpHeaderWriter.MaximumGrowth];
        var length = RtpHeaderWriter.Write(buffer, view, new() { PayloadType = new(96), SequenceNumber = 1, Timestamp = new(2), Ssrc = new(3), Marker = false, AllowsTwoByteForm = true }, map);
        Assert.True(RtpPacketView.TryParse(buffer.AsSpan(0, length), out var written, out _));
        var forwarded = written.Extensions;
        foreach (var element in view.Extensions)
        {
            if (element.Id is 0 or > HeaderExtensionMap.MaximumId)
                continue;
            if (!forwarded.MoveNext())
                Assert.Fail($"element {element.Id} is missing");
            Assert.Equal(element.Id, forwarded.Current.Id);
            Assert.True(element.Value.SequenceEqual(forwarded.Current.Value));
        }
        Assert.False(forwarded.MoveNext());
    }

    /// <summary>The blocks and their headers make up the whole payload, and stay where they are under another payload type.</summary>
    public static void Redundant(ReadOnlySpan<byte> data)
    {
        if (!RedundantPayload.TryParse(data, out var payload, out _))
            return;
        var copy = data.ToArray();
        new RedundantPayloadEditor(copy, payload).SetPayloadType(new(96));
        Assert.True(RedundantPayload.TryParse(copy, out var rewritten, out _));
        Assert.True(rewritten.IsAllOf(new(96)));
        Assert.InRange(payload.RedundantCount, 0, RedundantPayload.MaximumBlocks - 1);
        var bytes = 4 * payload.RedundantCount + 1 + payload.Primary.Length;
        for (var i = 0; i < payload.RedundantCount; i++)
        {
            bytes += payload[i].Data.Length;
            Assert.Equal(payload[i].TimestampOffset, rewritten[i].TimestampOffset);
            Assert.True(payload[i].Data.SequenceEqual(rewritten[i].Data));
        }
        Assert.Equal(data.Length, bytes);
        Assert.True(payload.Primary.SequenceEqual(rewritten.Primary));
    }

    public static void Vp8(ReadOnlySpan<byte> data)
    {
        KeyFrame.IsStart(Codec.Vp8, data);
        if (!Vp8PayloadDescriptor.TryParse(data, out var descriptor, out _))
            return;
        var copy = data.ToArray();
        ReadSizes(Codec.Vp8, data);
        var editor = new Vp8PayloadEditor(copy, descriptor);
        editor.SetPictureId(descriptor.PictureId ?? 0);
        editor.SetTl0PictureIndex(descriptor.Tl0PictureIndex ?? 0);
        editor.SetKeyIndex(descriptor.KeyIndex ?? 0);
        Assert.True(data.SequenceEqual(copy));
    }

    public static void Vp9(ReadOnlySpan<byte> data)
    {
        KeyFrame.IsStart(Codec.Vp9, data);
        if (!Vp9PayloadDescriptor.TryParse(data, out var descriptor, out _))
            return;
        Assert.InRange(descriptor.Length, 1, data.Length - 1);
        ReadSizes(Codec.Vp9, data);
        var copy = data.ToArray();
        var editor = new Vp9PayloadEditor(copy, descriptor);
        editor.SetPictureId(descriptor.PictureId ?? 0);
        editor.SetTl0PictureIndex(descriptor.Tl0PictureIndex ?? 0);
        Assert.True(data.SequenceEqual(copy));
    }

    /// <summary>Two descriptors of one stream, cut at the length that the first byte says.</summary>
    public static void Dependencies(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return;
        var cut = Math.Min((int)data[0], data.Length - 1);
        var structure = new DependencyStructure();
        var scratch = new DependencyStructure();
        var hasStructure = DependencyDescriptor.TryParse(data.Slice(1, cut), null, structure, out var first, out _);
        Assert.False(hasStructure && !first.HasStructure);
        if (!DependencyDescriptor.TryParse(data[(1 + cut)..], hasStructure ? structure : null, scratch, out var second, out _))
            return;
        var current = second.HasStructure ? scratch : structure;
        Assert.InRange(current.TemplateCount, 1, DependencyStructure.MaximumTemplates);
        Assert.InRange(current.TargetCount, 1, DependencyStructure.MaximumTargets);
        Assert.InRange(current.BestTarget(byte.MaxValue, 0, second.ActiveTargets ?? 0), 0, current.TargetCount - 1);
        Assert.True(second.Spatial <= current.HighestSpatial && second.Temporal <= current.HighestTemporal);
        Assert.InRange(current.Sizes.Length, 0, 4);
    }

    public static void H264(ReadOnlySpan<byte> data)
    {
        KeyFrame.IsStart(Codec.H264, data);
        ReadSizes(Codec.H264, data);
    }

    public static void Av1(ReadOnlySpan<byte> data)
    {
        KeyFrame.IsStart(Codec.Av1, data);
        ReadSizes(Codec.Av1, data);
    }

    private static void ReadSizes(Codec codec, ReadOnlySpan<byte> data)
    {
        Span<FrameSize> sizes = stackalloc FrameSize[4];
        Assert.InRange(FrameSizeReader.Read(codec, data, sizes), 0, sizes.Length);
        FrameSizeReader.Read(codec, data, []);
    }

    /// <summary>The compound, and what its packets are.</summary>
    public static void Rtcp(ReadOnlySpan<byte> data)
    {
        if (!RtcpCompoundReader.TryParse(data, out var reader, out _))
            return;
        foreach (var packet in reader)
            RtcpPacketReading.ReadAll(packet);
    }

    public static void SenderReports(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadSenderReport(RtcpPacketReading.Wrap(data, RtcpPacketType.SenderReport));

    public static void ReceiverReports(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadReceiverReport(RtcpPacketReading.Wrap(data, RtcpPacketType.ReceiverReport));

    public static void SourceDescriptions(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadSourceDescription(RtcpPacketReading.Wrap(data, RtcpPacketType.SourceDescription));

    public static void Goodbyes(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadGoodbye(RtcpPacketReading.Wrap(data, RtcpPacketType.Goodbye));

    public static void Nacks(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadNack(RtcpPacketReading.Wrap(data, RtcpPacketType.TransportFeedback, RtcpFeedbackFormat.GenericNack));

    public static void TransportFeedbacks(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadTransportFeedback(RtcpPacketReading.Wrap(data, RtcpPacketType.TransportFeedback, RtcpFeedbackFormat.TransportWide));

    public static void PictureLosses(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadPictureLoss(RtcpPacketReading.Wrap(data, RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.PictureLoss));

    public static void FullIntraRequests(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadFullIntraRequest(RtcpPacketReading.Wrap(data, RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.FullIntraRequest));

    public static void ReceiverBandwidths(ReadOnlySpan<byte> data) =>
        RtcpPacketReading.ReadReceiverBandwidth(RtcpPacketReading.Wrap(data, RtcpPacketType.PayloadFeedback, RtcpFeedbackFormat.ApplicationLayer));

    /// <summary>A whole engine, from the side of those who are in a call.</summary>
    public static void Engine(ReadOnlySpan<byte> data) => EngineRun.Play(data);

    public static void Sdp(ReadOnlySpan<byte> data)
    {
        if (!SessionDescription.TryParse(Encoding.UTF8.GetString(data), out var description, out _))
            return;
        var written = description.ToString();
        Assert.True(SessionDescription.TryParse(written, out var again, out var failure), $"{failure} in {written}");
        Assert.Equal(written, again.ToString());
        Negotiations.Run(description);
    }

    public static void Candidate(ReadOnlySpan<byte> data)
    {
        if (!IceCandidate.TryParse(Encoding.UTF8.GetString(data), out var candidate, out _))
            return;
        _ = candidate.EndPoint;
        Assert.True(IceCandidate.TryParse(candidate.ToString(), out var again, out _));
        Assert.Equal(candidate, again);
    }

    public static void Fingerprint(ReadOnlySpan<byte> data)
    {
        if (!DtlsFingerprint.TryParse(Encoding.UTF8.GetString(data), out var fingerprint))
            return;
        Assert.True(DtlsFingerprint.TryParse(fingerprint.ToString(), out var again));
        Assert.Equal(fingerprint, again);
    }

    public static void Sctp(ReadOnlySpan<byte> data)
    {
        if (SctpPacketView.TryParse(data, out var asItIs, out _))
            SctpPackets.ReadAll(asItIs);
        // Mutations break the checksum, and nothing behind it would be reached.
        var packet = data.ToArray();
        if (packet.Length >= 12)
            SctpChecksum.Write(packet);
        if (SctpPacketView.TryParse(packet, out var view, out _))
        {
            SctpPackets.ReadAll(view);
            SctpPackets.Attack(packet);
        }
    }

    /// <summary>What tells protocols apart, the filter in front of OpenSSL, and OpenSSL behind it.</summary>
    public static void Dtls(ReadOnlySpan<byte> data)
    {
        var kind = DatagramDemux.Classify(data);
        var isOfEarlierVersion = DtlsRecords.IsWellFormed(data, isDtls13: false);
        Assert.True(!isOfEarlierVersion || DtlsRecords.IsWellFormed(data, isDtls13: true));
        if (!DtlsRecords.IsWellFormed(data, isDtls13: true))
            return;
        Assert.Equal(PacketKind.Dtls, kind);
        DtlsRecords.ContainHandshake(data);
        Assert.InRange(DtlsRecords.TakeDatagram(data, 1200), 1, data.Length);
        DtlsDatagrams.Attack(data);
    }

    public static void DataChannelOpen(ReadOnlySpan<byte> data)
    {
        if (!DcepOpenView.TryParse(data, out var open, out _))
            return;
        var parameters = open.ToParameters();
        Assert.True(DcepOpenView.TryParse(DcepOpenView.Write(parameters), out var again, out _));
        Assert.Equal(parameters, again.ToParameters());
    }

    /// <summary>However a stream is cut, the same frames come out of it; each fits, and the reader never runs out of room.</summary>
    public static void Streams(ReadOnlySpan<byte> data)
    {
        var whole = ReadFrames(data, piece: StreamFrameReader.BufferBytes);
        Assert.Equal(whole, ReadFrames(data, piece: 1));
        Assert.Equal(whole, ReadFrames(data, piece: 1 + data.Length % 7));
    }

    private static List<string> ReadFrames(ReadOnlySpan<byte> data, int piece)
    {
        var reader = new StreamFrameReader();
        var frames = new List<string>();
        while (data.Length > 0 && !reader.IsBroken)
        {
            var room = reader.Receive();
            Assert.NotEqual(0, room.Length);
            var taken = Math.Min(Math.Min(piece, room.Length), data.Length);
            data[..taken].CopyTo(room);
            reader.Advance(taken);
            data = data[taken..];
            while (reader.TryRead(out var frame))
            {
                Assert.InRange(reader.Frame(frame).Length, 1, StreamFrames.MaximumFrame);
                frames.Add(Convert.ToHexString(reader.Frame(frame)));
            }
        }
        frames.Add(reader.IsBroken ? "broken" : "");
        return frames;
    }

    private static RtpHeaderRewrite Rewrite(bool isTwoByte) => new()
    {
        PayloadType = new PayloadType(96),
        SequenceNumber = 1,
        Timestamp = new RtpTimestamp(2),
        Ssrc = new Ssrc(3),
        Marker = true,
        MidExtensionId = 1,
        Mid = "0123456789abcdef"u8,
        AbsSendTimeExtensionId = 2,
        TransportSequenceNumberExtensionId = 3,
        AllowsTwoByteForm = isTwoByte,
    };
}
