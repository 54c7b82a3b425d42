using System.Text.Json.Nodes;
using Platform.EndToEndTests.Calls;

namespace Platform.EndToEndTests.BadInput;

/// <summary>What a client may say wrong in a call: it is told so by the right code, its connection goes on, and nothing of it is left in the room.</summary>
public sealed class SignallingTests(WatchedRoom room) : IClassFixture<WatchedRoom>
{
    private static readonly Dictionary<string, (int Code, Func<Offender, Task<JsonNode>> Act)> Cases = new()
    {
        ["text that is not JSON"] = (454, offender => offender.SayAsync("{\"janus\":")),
        ["JSON that is no object"] = (455, offender => offender.SayAsync("[1]")),
        ["half a surrogate pair"] = (454, offender => offender.SayAsync("{\"janus\":\"\\ud800\"}")),
        ["no verb"] = (456, offender => offender.SayAsync("{\"transaction\":\"t\"}")),
        ["a verb that is a number"] = (467, offender => offender.SayAsync("{\"janus\":1,\"transaction\":\"t\"}")),
        ["an unknown verb"] = (453, offender => offender.Connection.RequestAsync("explode")),
        ["another's session"] = (458, offender => offender.SayAsync("{\"janus\":\"keepalive\",\"transaction\":\"t\",\"session_id\":1}")),
        ["a session that is text"] = (467, offender => offender.SayAsync("{\"janus\":\"keepalive\",\"transaction\":\"t\",\"session_id\":\"x\"}")),
        ["an unknown plugin"] = (460, offender => offender.Connection.RequestAsync("attach", new() { ["plugin"] = "janus.plugin.sip" })),
        ["an unknown handle"] = (459, offender => offender.Connection.MessageAsync(1, offender.Join())),
        ["a body that is text"] = (467, offender => offender.Connection.RequestAsync("message", new() { ["handle_id"] = offender.Handle, ["body"] = "join" })),
        ["an unknown request"] = (423, offender => offender.AskAsync(new() { ["request"] = "explode" })),
        ["a join without a room"] = (429, offender => offender.AskAsync(new() { ["request"] = "join", ["ptype"] = "publisher" })),
        ["a room that is a list"] = (430, offender => offender.AskAsync(new() { ["request"] = "join", ["ptype"] = "publisher", ["room"] = new JsonArray() })),
        ["an unknown room"] = (426, offender => offender.AskAsync(Changed(offender.Join(), "room", "000000000000000000000000"))),
        ["a room that is a path"] = (426, offender => offender.AskAsync(Changed(offender.Join(), "room", "../session"))),
        ["another user's id"] = (433, offender => offender.AskAsync(Changed(offender.Join(), "id", offender.User.UserId + 1))),
        ["an unknown feed"] = (428, offender => offender.AskAsync(new() { ["request"] = "join", ["ptype"] = "listener", ["room"] = offender.Room, ["feed"] = 7 })),
        ["publishing before joining"] = (424, offender => offender.AskAsync(new() { ["request"] = "configure" }, new() { ["type"] = "offer", ["sdp"] = offender.Offer })),
        ["an SDP that is a number"] = (465, offender => offender.ConfigureAsync("offer", 7)),
        ["an answer for an offer"] = (431, offender => offender.ConfigureAsync("answer", offender.Offer)),
        ["an empty SDP"] = (437, offender => offender.OfferAsync(_ => "")),
        ["an SDP that is garbage"] = (437, offender => offender.OfferAsync(_ => "v=0\r\nm=audio nonsense\r\n\0\u0001")),
        ["half an SDP"] = (437, offender => offender.OfferAsync(offer => offer[..(offer.Length / 2)])),
        ["an offer without a fingerprint"] = (437, offender => offender.OfferAsync(offer => Without(offer, "a=fingerprint:"))),
        ["an offer without ICE credentials"] = (437, offender => offender.OfferAsync(offer => Without(offer, "a=ice-"))),
        ["an SDP of 100,000 lines"] = (437, offender => offender.OfferAsync(offer => offer + string.Concat(Enumerable.Repeat("\n", 100_000)))),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bad_input_is_refused_and_leaves_nothing_behind(string name)
    {
        var (code, act) = Cases[name];
        var offender = await room.AdmitAsync();
        await using (offender.Connection)
        {
            var reply = await act(offender);

            Assert.Equal((code, true), (Code(reply, out var reason), reason?.Length > 0));
            Assert.Equal("ack", (await offender.Connection.RequestAsync("keepalive"))["janus"]!.GetValue<string>());
        }
        await room.IsEmptyAsync();
    }

    [Fact]
    public async Task A_frame_of_ten_megabytes_costs_its_sender_the_connection()
    {
        var offender = await room.AdmitAsync();
        await using (offender.Connection)
        {
            await offender.AskAsync(offender.Join());
            // The other side may close before all of it is written.
            await Record.ExceptionAsync(() => offender.Connection.SendAsync(new string('x', 10 * 1024 * 1024)));

            await offender.Connection.Closed.WaitAsync(CallRoom.Patience, TestContext.Current.CancellationToken);
        }
        await room.IsEmptyAsync();
    }

    [Fact]
    public async Task After_a_refused_offer_a_good_one_is_taken()
    {
        var offender = await room.AdmitAsync();
        await using (offender.Connection)
        {
            Assert.Equal(437, Code(await offender.OfferAsync(_ => "garbage"), out _));

            var reply = await offender.AskAsync(new() { ["request"] = "configure" }, new() { ["type"] = "offer", ["sdp"] = offender.Offer });
            Assert.Equal("answer", reply["jsep"]?["type"]?.GetValue<string>());
        }
        await room.IsEmptyAsync();
    }

    private static int? Code(JsonNode reply, out string? reason)
    {
        var (core, plugin) = (reply["error"], reply["plugindata"]?["data"]);
        reason = (core?["reason"] ?? plugin?["error"])?.GetValue<string>();
        return (core?["code"] ?? plugin?["error_code"])?.GetValue<int>();
    }

    private static JsonObject Changed(JsonObject body, string member, JsonNode value)
    {
        body[member] = value;
        return body;
    }

    private static string Without(string sdp, string prefix) =>
        string.Concat(sdp.Split("\r\n").Where(line => line.Length > 0 && !line.StartsWith(prefix, StringComparison.Ordinal)).Select(line => line + "\r\n"));
}
