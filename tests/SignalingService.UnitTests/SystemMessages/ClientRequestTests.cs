using System.Text;
using SignalingService.SystemMessages;

namespace SignalingService.UnitTests.SystemMessages;

public sealed class ClientRequestTests
{
    [Fact]
    public void Send_takes_one_recipient_or_several_each_once()
    {
        Assert.Equal([7UL], Assert.IsType<SendRequest>(Read("""{"type":"send","to":7}""")).To);
        var send = Assert.IsType<SendRequest>(Read("""{"type":"send","id":"x","to":[7,8,7],"body":"b","extension":{"callStart":"1"}}"""));
        Assert.Equal([7UL, 8UL], send.To);
        Assert.Equal("1", send.Extension!.Value.GetProperty("callStart").GetString());
    }

    [Theory]
    [InlineData("""{"to":1}""", "(type)")]
    [InlineData("""{"type":"shout"}""", "(type: 'authenticate', 'send' or 'ping'")]
    [InlineData("""{"type":"authenticate"}""", "(token)")]
    [InlineData("""{"type":"send"}""", "(to)")]
    [InlineData("""{"type":"send","to":[]}""", "(to: a user id or a list of 1 to 100")]
    [InlineData("""{"type":"send","to":[1,"x"]}""", "(to[1]: a positive integer")]
    [InlineData("""{"type":"send","to":1,"body":5}""", "(body: a string")]
    [InlineData("""{"type":"send","to":1,"extension":[]}""", "(extension: an object")]
    [InlineData("nonsense", "Invalid JSON")]
    public void Wrong_field_is_named_with_its_rule(string frame, string text) =>
        Assert.Contains(text, Assert.IsType<UnreadableRequest>(Read(frame)).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("id", 65, "(id: a string of at most 64")]
    [InlineData("body", 4097, "(body: a string of at most 4096")]
    public void Texts_are_limited(string field, int length, string text) =>
        Assert.Contains(
            text,
            Assert.IsType<UnreadableRequest>(Read($$"""{"type":"send","to":1,"{{field}}":"{{new string('x', length)}}"}""")).Reason,
            StringComparison.Ordinal);

    [Fact]
    public void Body_is_measured_in_bytes_of_utf8() =>
        Assert.Contains("4096 bytes", Assert.IsType<UnreadableRequest>(Read($$"""{"type":"send","to":1,"body":"{{new string('ä', 3000)}}"}""")).Reason, StringComparison.Ordinal);

    [Fact]
    public void Extension_is_limited() =>
        Assert.Contains(
            "(extension: at most 16384 bytes",
            Assert.IsType<UnreadableRequest>(Read($$"""{"type":"send","to":1,"extension":{"a":"{{new string('x', 17000)}}"} }""")).Reason,
            StringComparison.Ordinal);

    [Fact]
    public void Recent_ids_forget_the_oldest()
    {
        var ids = new RecentIds<int>(2);
        Assert.True(ids.TryAdd(1));
        Assert.False(ids.TryAdd(1));
        Assert.True(ids.TryAdd(2));
        Assert.True(ids.TryAdd(3));
        Assert.True(ids.TryAdd(1));
    }

    private static ClientRequest Read(string frame) => ClientRequestReader.Read(Encoding.UTF8.GetBytes(frame));
}
