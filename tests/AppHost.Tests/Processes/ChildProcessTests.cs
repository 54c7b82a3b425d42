using AppHost.Local.Processes;
using Platform.Testing;

namespace AppHost.Tests.Processes;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task Process_that_ignores_the_request_to_end_is_killed_with_its_children()
    {
        var lines = new List<string>();
        await using var child = await ChildProcess.StartAsync(new("sh", ["-c", "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000"]), lines.Add);
        await Eventually.BecomesTrue(() => lines.Count == 1);
        var grandchild = int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture);

        Assert.False(await child.StopAsync(Signal.Terminate, TimeSpan.FromMilliseconds(200)));
        Assert.Null(ProcessTable.Read(child.Id));
        await Eventually.BecomesTrue(() => ProcessTable.Read(grandchild) is not { IsRunning: true });
    }

    [Fact]
    public async Task Variables_with_a_forgotten_prefix_do_not_reach_the_child()
    {
        Environment.SetEnvironmentVariable("PLATFORMTEST_FORGOTTEN", "1");
        Environment.SetEnvironmentVariable("PLATFORM_TEST_KEPT", "1");
        var command = new ChildCommand("env", []) { ForgetPrefixes = ["PLATFORMTEST_"], Environment = new Dictionary<string, string?> { ["ADDED"] = "2" } };
        var (exitCode, output) = await ChildProcess.RunAsync(command, TestContext.Current.CancellationToken);
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("PLATFORMTEST_FORGOTTEN", output, StringComparison.Ordinal);
        Assert.Contains("PLATFORM_TEST_KEPT=1", output, StringComparison.Ordinal);
        Assert.Contains("ADDED=2", output, StringComparison.Ordinal);
    }
}
