using Platform.EndToEndTests.Calls;
using Platform.Testing;

namespace Platform.EndToEndTests.Telemetry;

public sealed class TraceTests(RunningPlatform platform)
{
    [Fact]
    public async Task One_trace_runs_from_the_gateway_through_signalling_to_the_media_node()
    {
        await using (var room = await CallRoom.OpenAsync(platform))
        {
            var participant = await room.EnterAsync("Traced");
            await participant.LeaveAsync();
        }

        await Eventually.BecomesTrue(
            () => platform.Traces.Any(services =>
                services.Contains("gateway")
                && services.Any(name => name.StartsWith("signaling", StringComparison.Ordinal))
                && services.Any(name => name.StartsWith("media-", StringComparison.Ordinal))),
            TimeSpan.FromSeconds(30),
            $"a trace with spans of gateway, signalling and media node; seen: {string.Join(" | ", platform.Traces.Select(services => string.Join('+', services.Order())).Distinct().Take(20))}");
    }
}
