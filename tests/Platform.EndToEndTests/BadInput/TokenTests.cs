using System.Net;
using MediaNode.TestPeer.Janus;
using Platform.EndToEndTests.Calls;
using Platform.Testing;

namespace Platform.EndToEndTests.BadInput;

/// <summary>Tokens that must not open anything, at both doors.</summary>
public sealed class TokenTests(RunningPlatform platform)
{
    public static TheoryData<string> BadKinds => [.. SignedTokens.BadKinds];

    [Theory]
    [MemberData(nameof(BadKinds))]
    public async Task A_bad_token_opens_neither_meetings_nor_calls(string kind)
    {
        var token = await new SignedTokens(platform, await platform.OpenGuestSessionAsync("Mallory")).MakeAsync(kind);

        using var response = await platform.SendAsync(token, HttpMethod.Get, "meetings");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        // SDKs compare this text to learn that they need a new session.
        Assert.Contains("Required session does not exist", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // The end of a session reaches the signalling instances by the bus, soon but not at once.
        await Eventually.BecomesTrue(async () => await CreateAsync(token) == 403, CallRoom.Patience, "the Janus session is refused with 403");
    }

    [Fact]
    public async Task The_same_token_opens_both_when_it_is_good()
    {
        var token = await new SignedTokens(platform, await platform.OpenGuestSessionAsync("Ann")).MakeAsync("good");

        using var response = await platform.SendAsync(token, HttpMethod.Get, "meetings");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(await CreateAsync(token));
    }

    /// <returns>The error's code, if there is one.</returns>
    private async Task<int?> CreateAsync(string token)
    {
        await using var connection = await JanusConnection.OpenAsync(platform.Gateway, token);
        var reply = await connection.RequestAsync("create");
        return reply["error"]?["code"]!.GetValue<int>();
    }
}
