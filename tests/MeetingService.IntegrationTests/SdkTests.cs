using CliWrap;
using CliWrap.Buffered;

namespace MeetingService.IntegrationTests;

[Collection(SharedServiceTests.Name)]
public sealed class SdkTests(SharedService shared)
{
    [Fact]
    public async Task Unmodified_SDK_finds_all_it_expects()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "sdk");
        await Cli.Wrap("npm").WithArguments(["ci", "--no-audit", "--no-fund", "--prefer-offline"]).WithWorkingDirectory(folder)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        var run = await Cli.Wrap("node").WithArguments(["check.mjs", shared.Service.Address.ToString().TrimEnd('/')]).WithWorkingDirectory(folder)
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        Assert.True(run.ExitCode == 0, run.StandardOutput + run.StandardError);
    }
}
