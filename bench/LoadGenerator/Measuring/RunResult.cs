using System.Text.Json;

namespace LoadGenerator.Measuring;

/// <summary>All figures of one run, as they are written to the JSON file. Times in milliseconds, rates per second.</summary>
internal sealed record RunResult
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public required LoadFigures Load { get; init; }

    public required DeliveryFigures Delivery { get; init; }

    public required DurationFigures Latency { get; init; }

    public required JoinFigures JoinSteps { get; init; }

    public required DurationFigures JoinToFirstPacket { get; init; }

    public required DurationFigures JoinToFirstKeyFrame { get; init; }

    public required FeedbackFigures Feedback { get; init; }

    /// <summary>Null when no process was named.</summary>
    public required ServerFigures? Server { get; init; }

    public required GeneratorFigures Generator { get; init; }

    public static RunResult FromJson(string json) => JsonSerializer.Deserialize<RunResult>(json, Indented) ?? throw new JsonException("no result");

    public string ToJson() => JsonSerializer.Serialize(this, Indented);
}

/// <summary>What was put on the server.</summary>
/// <param name="Rooms">Rooms.</param>
/// <param name="Participants">All of them.</param>
/// <param name="Publishers">Those who publish.</param>
/// <param name="Subscriptions">Pairs of a publisher and a subscriber that were wanted.</param>
/// <param name="Agreed">Pairs that have a subscription, whether any media came on it or not.</param>
/// <param name="Subscribed">Pairs that got media.</param>
/// <param name="Profile">SRTP protection profile.</param>
/// <param name="Seconds">Length of the measurement.</param>
internal sealed record LoadFigures(int Rooms, int Participants, int Publishers, int Subscriptions, int Agreed, int Subscribed, string Profile, double Seconds);

/// <param name="Expected">Packets of publishers within the measurement, once per subscriber.</param>
/// <param name="Delivered">Of those, how many came, each counted once.</param>
/// <param name="LossPercent">Of the expected.</param>
/// <param name="Duplicates">Came again.</param>
/// <param name="Unknown">No publisher sent them, or nobody announced their source.</param>
/// <param name="Unauthentic">SRTP authentication failed.</param>
/// <param name="Retransmissions">Packets of RTX streams.</param>
/// <param name="Padding">Packets without payload.</param>
/// <param name="Renumberings">See <see cref="Tally.Renumberings"/>.</param>
/// <param name="LossesSimulated">Thrown away by the generator.</param>
/// <param name="PacketsInPerSecond">RTP into the server.</param>
/// <param name="PacketsOutPerSecond">RTP out of the server, as far as it arrived.</param>
/// <param name="MegabitsOutPerSecond">Of these, SRTP bytes.</param>
internal sealed record DeliveryFigures(
    long Expected,
    long Delivered,
    double LossPercent,
    long Duplicates,
    long Unknown,
    long Unauthentic,
    long Retransmissions,
    long Padding,
    long Renumberings,
    long LossesSimulated,
    double PacketsInPerSecond,
    double PacketsOutPerSecond,
    double MegabitsOutPerSecond);

/// <summary>Percentiles in milliseconds.</summary>
internal sealed record DurationFigures(long Count, double P50, double P95, double P99, double Maximum)
{
    public static DurationFigures Of(LatencyHistogram histogram) => new(
        histogram.Count,
        histogram.Percentile(0.5).TotalMilliseconds,
        histogram.Percentile(0.95).TotalMilliseconds,
        histogram.Percentile(0.99).TotalMilliseconds,
        histogram.Maximum.TotalMilliseconds);
}

/// <summary>Medians in milliseconds from the beginning of the connection, each for the first subscription that got there.</summary>
/// <param name="Entered">The room has answered.</param>
/// <param name="Offered">The server's offer is there.</param>
/// <param name="Secured">DTLS is done.</param>
internal sealed record JoinFigures(double Entered, double Offered, double Secured);

internal sealed record FeedbackFigures(
    long NacksSent, long NackedPackets, long KeyFrameRequestsSent, long TransportFeedbackSent, long NacksReceived, long PacketsResent, long KeyFrameRequestsReceived, long KeyFramesSent);

/// <param name="ProcessorPercent">Of one core.</param>
/// <param name="MicrosecondsPerPacket">CPU time per RTP packet that arrived.</param>
/// <param name="MemoryBytes">Resident, at the end.</param>
/// <param name="MemoryBytesPerParticipant">Growth since before anybody joined.</param>
/// <param name="SocketDrops">Datagrams that came to full receive buffers of the server.</param>
internal sealed record ServerFigures(double ProcessorPercent, double MicrosecondsPerPacket, long MemoryBytes, double MemoryBytesPerParticipant, long SocketDrops);

/// <param name="ProcessorPercent">Of one core, signalling included.</param>
/// <param name="LatenessP99">Milliseconds by which timers fired late.</param>
/// <param name="LatenessMaximum">The same, at most.</param>
/// <param name="SocketDrops">Datagrams that came to full receive buffers of the generator.</param>
/// <param name="SendsRefused">Datagrams that the kernel did not take.</param>
/// <param name="AllocatedBytesPerSecond">Managed memory, by the media loop.</param>
/// <param name="Problem">Why the result says more of the generator than of the server; null when it does not.</param>
internal sealed record GeneratorFigures(
    double ProcessorPercent, double LatenessP99, double LatenessMaximum, long SocketDrops, long SendsRefused, double AllocatedBytesPerSecond, string? Problem);
