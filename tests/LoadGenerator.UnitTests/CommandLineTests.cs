namespace LoadGenerator.UnitTests;

public sealed class CommandLineTests
{
    [Fact]
    public void A_room_of_people_has_everybody_receive_everybody_else()
    {
        var options = CommandLine.Parse(["--rooms", "2", "--people", "5", "--subscriptions", "single"]);

        Assert.Equal((40, 5, true), (options.Subscriptions, options.PublishersPerRoom, options.SinglePeerConnection));
    }

    [Fact]
    public void Viewers_have_one_publisher()
    {
        var options = CommandLine.Parse(["--viewers", "30"]);

        Assert.Equal((30, 1, 31), (options.Subscriptions, options.PublishersPerRoom, options.ParticipantsPerRoom));
    }

    [Theory]
    [InlineData("--people", "1")]
    [InlineData("--people", "six")]
    [InlineData("--loss", "101")]
    [InlineData("--subscriptions", "both")]
    [InlineData("--application", "key")]
    [InlineData("--server-pid", "1,x")]
    [InlineData("--nothing", "1")]
    public void A_mistake_is_told_with_the_name_of_the_option(string name, string value)
    {
        var mistake = Assert.Throws<ArgumentException>(() => CommandLine.Parse([name, value]));

        Assert.Contains(name, mistake.Message, StringComparison.Ordinal);
    }
}
