using MediaNode.Core.Rtcp;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// RTCP with a subscriber: sender reports on the publisher's clock, so that audio and video stay in sync; answers to NACK, PLI and FIR.
/// </summary>
internal sealed class SubscriberControl(SubscriberPeer subscriber)
{
    /// <summary>Room for one sender report and the CNAME before a compound is sent and another begun.</summary>
    private const int BytesPerReport = 64;

    /// <summary>
    /// Transport-wide feedback messages in one compound. A few bytes can tell of thousands of packets, so what is taken from one datagram is bounded; browsers send one or two.
    /// </summary>
    private const int MaximumFeedbacks = 8;

    public void Handle(ReadOnlySpan<byte> compound, Instant now)
    {
        if (!RtcpCompoundReader.TryParse(compound, out var packets, out _))
        {
            subscriber.Drop(DropReason.RtcpMalformed);
            return;
        }
        var feedbacks = 0;
        foreach (var packet in packets)
        {
            if (TransportFeedbackView.TryParse(packet, out var feedback, out _))
                Handle(feedback, ref feedbacks, now);
            else if (NackView.TryParse(packet, out var nack, out _))
                Resend(nack, now);
            else if (PictureLossView.TryParse(packet, out var loss, out _))
                RequestKeyFrame(loss.Header.Media, now);
            else if (FullIntraRequestView.TryParse(packet, out var intra, out _))
                RequestKeyFrames(intra, now);
            else if (ReceiverBandwidthView.TryParse(packet, out var bandwidth, out _))
                subscriber.Downlink.HandleReceiverEstimate(bandwidth.Bitrate, now);
            else if (ReceiverReportView.TryParse(packet, out var report, out _))
                Note(report.Blocks, now);
            else if (SenderReportView.TryParse(packet, out var senderReport, out _))
                Note(senderReport.Blocks, now);
        }
    }

    /// <summary>A sender report for every track that has been sent and whose publisher told its clock.</summary>
    public void SendReports(Instant now)
    {
        var buffer = subscriber.Reserve();
        var writer = new RtcpWriter(buffer);
        foreach (var track in subscriber.DownTracks)
        {
            track.Tally.Rate.Tick(track.PacketsSent, track.BytesSent, now);
            if (track.SenderInfo(now) is not { } info)
                continue;
            if (writer.Length + BytesPerReport > TransmitBatch.MaximumControl)
            {
                subscriber.SendControl(buffer, writer.Length);
                buffer = subscriber.Reserve();
                writer = new(buffer);
            }
            writer.WriteSenderReport(info, []);
            track.LastReport = (info.NtpTime.Middle, now);
            writer.WriteSourceDescription(info.Ssrc, track.Cname);
        }
        if (writer.Length > 0)
            subscriber.SendControl(buffer, writer.Length);
    }

    /// <summary>The track has ended, and its sources with it (RFC 3550 section 6.6).</summary>
    public void SendGoodbye(DownTrack track, Instant now)
    {
        if (track.PacketsSent == 0)
            return;
        var buffer = subscriber.Reserve();
        var writer = new RtcpWriter(buffer);
        // A compound begins with a report and the CNAME (RFC 3550 section 6.1), here the last of the source.
        if (track.SenderInfo(now) is { } info)
            writer.WriteSenderReport(info, []);
        else
            writer.WriteReceiverReport(track.Parameters.Ssrc, []);
        writer.WriteSourceDescription(track.Parameters.Ssrc, track.Cname);
        if (track.Parameters.RtxSsrc is { } retransmission)
            writer.WriteGoodbye([track.Parameters.Ssrc, retransmission]);
        else
            writer.WriteGoodbye([track.Parameters.Ssrc]);
        subscriber.SendControl(buffer, writer.Length);
    }

    private DownTrack? Find(Ssrc ssrc)
    {
        foreach (var track in subscriber.DownTracks)
        {
            if (track.Parameters.Ssrc == ssrc)
                return track;
        }
        return null;
    }

    private void Resend(NackView nack, Instant now)
    {
        if (Find(nack.Header.Media) is not { } track)
            return;
        Span<ushort> lost = stackalloc ushort[NackView.MaximumLost];
        var count = nack.CopyLost(lost);
        if (count < nack.Count)
            subscriber.Drop(DropReason.NackTooLong);
        track.Tally.Nacked += count;
        foreach (var number in lost[..count])
            track.Resend(number, now);
    }

    private void RequestKeyFrames(FullIntraRequestView requests, Instant now)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            if (Find(requests[i].Ssrc) is { } track && !track.IsRepetition(requests.Header.Sender, requests[i].SequenceNumber))
                RequestKeyFrame(requests[i].Ssrc, now);
            else
                subscriber.Drop(DropReason.KeyFrameRequestThrottled);
        }
    }

    private void RequestKeyFrame(Ssrc ssrc, Instant now)
    {
        if (Find(ssrc) is not { } track)
            return;
        track.Tally.KeyFrameRequests++;
        track.RequestKeyFrame(now);
    }

    private void Handle(in TransportFeedbackView feedback, ref int feedbacks, Instant now)
    {
        if (++feedbacks > MaximumFeedbacks)
            subscriber.Drop(DropReason.TooMuchFeedback);
        else
            subscriber.Downlink.HandleFeedback(feedback, now);
    }

    private void Note(ReportBlocks blocks, Instant now)
    {
        var (expected, lost) = (0, 0);
        for (var i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            if (Find(block.Ssrc) is not { } track)
                continue;
            track.HandleMentioned();
            var since = track.Reception.Take(block);
            track.Tally.HandleReport(block, since.Expected, since.Lost);
            expected += since.Expected;
            lost += since.Lost;
            if (since.Lost >= SlowLink.LeastPackets)
                subscriber.Tell(new SlowLink(subscriber.Id, track.Source.Kind, track.Parameters.Mid, Uplink: false, since.Lost));
            if (block.LastSenderReport != 0 && block.LastSenderReport == track.LastReport.Quoted)
            {
                var roundTrip = now - track.LastReport.SentAt - NtpTime.FromShort(block.DelaySinceLastSenderReport);
                track.Tally.RoundTrip = roundTrip > TimeSpan.Zero ? roundTrip : TimeSpan.Zero;
                subscriber.Downlink.HandleRoundTrip(roundTrip);
            }
        }
        if (expected > 0)
            subscriber.Downlink.HandleReport(expected, lost, now);
    }
}
