using AppHost.Local.Commands;

namespace AppHost.Tests.Commands;

public sealed class CommandLineTests
{
    [Fact]
    public void Port_and_replicas_become_configuration_of_the_model()
    {
        var line = CommandLine.Parse(["up", "--build", "--port", "9090", "--replicas=MediaNode=1,SignalingService=3", "--Media:FirstPort=41000"]);
        Assert.Null(line.Mistake);
        Assert.True(line.Builds);
        var settings = line.Settings.ToDictionary();
        Assert.Equal("9090", settings["Gateway:Port"]);
        Assert.Equal("1", settings["Replicas:MediaNode"]);
        Assert.Equal("3", settings["Replicas:SignalingService"]);
        Assert.Equal("41000", settings["Media:FirstPort"]);
    }

    [Theory]
    [InlineData("--port", "0")]
    [InlineData("--port", "65536")]
    [InlineData("--replicas", "MediaNode")]
    [InlineData("--replicas", "MediaNode=0")]
    [InlineData("--replicas", "MediaNode=65")]
    [InlineData("--unknown", "1")]
    public void Mistake_is_named(string option, string value) => Assert.Contains(
        option == "--unknown" ? "--unknown" : value, CommandLine.Parse(["up", option, value]).Mistake, StringComparison.Ordinal);

    [Fact]
    public void Nothing_at_all_means_up() => Assert.Equal("up", CommandLine.Parse([]).Verb);
}
