using System.Diagnostics;

namespace Platform.Testing;

/// <summary>Waits for a condition instead of a time: fast when it holds soon, and a clear failure when it never does.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks: short against a test, long against a look.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="expectation">What was waited for, for the failure's text.</param>
    public static Task BecomesTrue(Func<bool> condition, TimeSpan? timeout = null, string? expectation = null) =>
        BecomesTrue(() => Task.FromResult(condition()), timeout, expectation);

    /// <inheritdoc cref="BecomesTrue(Func{bool}, TimeSpan?, string?)"/>
    /// <exception cref="TimeoutException">The condition was still false at the end.</exception>
    public static async Task BecomesTrue(Func<Task<bool>> condition, TimeSpan? timeout = null, string? expectation = null)
    {
        var limit = timeout ?? DefaultTimeout;
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > limit)
                throw new TimeoutException($"Not within {limit.TotalSeconds:0.#} s: {expectation ?? "the expected condition"}.");
            await Task.Delay(Pause);
        }
    }
}
