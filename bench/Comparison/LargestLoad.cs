using Comparison.Servers;
using LoadGenerator.Measuring;

namespace Comparison;

/// <summary>The largest size of a shape that a server carries: growing steps until one is too large, then bisection.</summary>
/// <param name="Size">0 when even the first is too large.</param>
/// <param name="Result">Of that size.</param>
/// <param name="IsBoundedByGenerator">The next larger one failed because the generator did not keep up: the server may carry more.</param>
internal sealed record LargestLoad(int Size, RunResult? Result, bool IsBoundedByGenerator)
{
    private const double MaximumLossPercent = 0.1;
    private const double MaximumP99Milliseconds = 50;

    /// <summary>A busy machine spoils a run now and then: too large is what fails as often as this.</summary>
    private const int Tries = 2;

    public static async Task<LargestLoad> FindAsync(Generator generator, IServer server, Shape shape, double precision, CancellationToken cancellationToken)
    {
        var found = new LargestLoad(0, null, false);
        var tooLarge = int.MaxValue;
        for (var size = shape.First; size < tooLarge && tooLarge - found.Size > Math.Max(1, found.Size * precision);)
        {
            var (result, bounded) = await TryAsync(generator, server, shape.Of(size), cancellationToken);
            if (result is not null)
                found = new(size, result, false);
            else
                (tooLarge, found) = (size, found with { IsBoundedByGenerator = bounded });
            size = tooLarge == int.MaxValue ? shape.Next(size) : (found.Size + tooLarge) / 2;
        }
        return found;
    }

    private static async Task<(RunResult? Result, bool IsBoundedByGenerator)> TryAsync(
        Generator generator, IServer server, Load load, CancellationToken cancellationToken)
    {
        var bounded = false;
        for (var i = 0; i < Tries; i++)
        {
            var result = await generator.RunAsync(server, load, cancellationToken);
            if (result is not null && Carries(result))
                return (result, false);
            bounded |= result?.Generator.Problem is not null;
            // What is left of a load that did not come about would weigh on the next one, until it is timed out.
            if (result is null)
                await server.RestartAsync();
        }
        return (null, bounded);
    }

    private static bool Carries(RunResult result) =>
        result.Load.Subscribed == result.Load.Subscriptions
        && result.Delivery.LossPercent < MaximumLossPercent
        && result.Latency.P99 < MaximumP99Milliseconds;
}
