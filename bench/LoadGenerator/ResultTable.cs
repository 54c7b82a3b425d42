using System.Globalization;
using LoadGenerator.Measuring;

namespace LoadGenerator;

/// <summary>The figures for people.</summary>
internal static class ResultTable
{
    public static void Write(TextWriter output, RunResult result)
    {
        var (load, delivery, feedback, generator) = (result.Load, result.Delivery, result.Feedback, result.Generator);
        Line("load", $"{load.Rooms} rooms, {load.Participants} participants, {load.Publishers} publishers, {load.Subscribed} of {load.Subscriptions} subscriptions, {load.Profile}, {load.Seconds:F1} s");
        Line("server in / out", $"{delivery.PacketsInPerSecond:F0} / {delivery.PacketsOutPerSecond:F0} packets/s, out {delivery.MegabitsOutPerSecond:F1} Mbit/s");
        Line("delivered", $"{delivery.Delivered} of {delivery.Expected}, loss {delivery.LossPercent:F4} %");
        Line("odd packets", $"{delivery.Duplicates} duplicates, {delivery.Unknown} unknown, {delivery.Unauthentic} unauthentic, {delivery.Padding} padding, {delivery.Retransmissions} retransmissions, {delivery.LossesSimulated} losses simulated");
        Line("latency ms", Describe(result.Latency));
        Line("join steps ms", $"p50 in the room {result.JoinSteps.Entered:F1}  offered {result.JoinSteps.Offered:F1}  secured {result.JoinSteps.Secured:F1}");
        Line("join to packet ms", Describe(result.JoinToFirstPacket));
        Line("join to key frame ms", Describe(result.JoinToFirstKeyFrame));
        Line("feedback", $"{feedback.NacksSent} NACKs for {feedback.NackedPackets} packets, {feedback.KeyFrameRequestsSent} PLIs, {feedback.TransportFeedbackSent} transport-cc; server asked {feedback.NacksReceived} NACKs ({feedback.PacketsResent} resent), {feedback.KeyFrameRequestsReceived} PLIs ({feedback.KeyFramesSent} key frames)");
        if (result.Server is { } server)
            Line("server", $"{server.MicrosecondsPerPacket:F2} us CPU per packet out, {server.ProcessorPercent:F1} % of a core, {server.MemoryBytes / 1e6:F1} MB, {server.MemoryBytesPerParticipant / 1e6:F2} MB per participant, {server.SocketDrops} socket drops");
        Line("generator", $"{generator.ProcessorPercent:F1} % of a core, late p99 {generator.LatenessP99:F2} max {generator.LatenessMaximum:F1} ms, {generator.SocketDrops} socket drops, {generator.SendsRefused} sends refused, {generator.AllocatedBytesPerSecond / 1000:F0} kB/s allocated");
        if (generator.Problem is { } problem)
            Line("NOTE", $"{problem}");

        void Line(string name, FormattableString text) => output.WriteLine($"{name,-22}{text.ToString(CultureInfo.InvariantCulture)}");
    }

    private static FormattableString Describe(DurationFigures figures) =>
        $"p50 {figures.P50:F2}  p95 {figures.P95:F2}  p99 {figures.P99:F2}  max {figures.Maximum:F1}  (of {figures.Count})";
}
