using AppHost.Local.State;
using Platform.Testing;

namespace AppHost.Tests.State;

public sealed class LogFileTests
{
    [Fact]
    public void Full_log_is_set_aside_once_and_the_newest_line_is_in_the_current_one()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "service.log");
        using (var log = new LogFile(path, maximumBytes: 100))
        {
            for (var i = 0; i < 100; i++)
                log.Add($"line {i} of the log");
        }
        Assert.EndsWith("line 99 of the log\n", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(["service.log", "service.log.1"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(folder.Path), file => Assert.InRange(new FileInfo(file).Length, 1, 150));
    }
}
