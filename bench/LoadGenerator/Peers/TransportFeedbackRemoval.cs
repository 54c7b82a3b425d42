namespace LoadGenerator.Peers;

/// <summary>Takes transport-wide congestion control out of a description, as if this side had never heard of it.</summary>
internal static class TransportFeedbackRemoval
{
    public static string Apply(string sdp) => string.Join(
        "\r\n",
        sdp.Split("\r\n").Where(line =>
            !(line.StartsWith("a=extmap:", StringComparison.Ordinal) && line.Contains("transport-wide-cc", StringComparison.Ordinal))
            && !(line.StartsWith("a=rtcp-fb:", StringComparison.Ordinal) && line.EndsWith(" transport-cc", StringComparison.Ordinal))));
}
