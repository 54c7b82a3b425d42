using System.Text;
using SignalingService.Dialects;
using SignalingService.Sessions;

namespace SignalingService.UnitTests.Dialects;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("{", 454, "Invalid JSON at line 1")]
    [InlineData("", 454, "Invalid JSON")]
    [InlineData("[]", 455, "an object expected")]
    [InlineData("""{"transaction":"t"}""", 456, "(janus)")]
    [InlineData("""{"janus":1,"transaction":"t"}""", 467, "(janus: a string")]
    [InlineData("""{"janus":"create"}""", 456, "(transaction)")]
    [InlineData("""{"janus":"create","transaction":5}""", 467, "(transaction: a string")]
    [InlineData("""{"janus":"create","transaction":"t","token":{}}""", 467, "(token: a string")]
    [InlineData("""{"janus":"create","transaction":"\ud800"}""", 454, "not valid Unicode")]
    [InlineData("""{"janus":"nonsense","transaction":"t"}""", 453, "'nonsense'")]
    [InlineData("""{"janus":"attach","transaction":"t","plugin":"x"}""", 456, "(session_id)")]
    [InlineData("""{"janus":"attach","transaction":"t","session_id":1}""", 456, "(plugin)")]
    [InlineData("""{"janus":"attach","transaction":"t","session_id":-1,"plugin":"x"}""", 467, "(session_id: a positive integer")]
    [InlineData("""{"janus":"attach","transaction":"t","session_id":9007199254740992,"plugin":"x"}""", 467, "below 2^53")]
    [InlineData("""{"janus":"detach","transaction":"t","session_id":1}""", 456, "(handle_id)")]
    [InlineData("""{"janus":"detach","transaction":"t","session_id":1,"handle_id":null}""", 456, "(handle_id)")]
    [InlineData("""{"janus":"detach","transaction":"t","session_id":1,"handle_id":1.5}""", 467, "(handle_id:")]
    [InlineData("""{"janus":"message","transaction":"t","session_id":1,"handle_id":1}""", 456, "(body)")]
    [InlineData("""{"janus":"message","transaction":"t","session_id":1,"handle_id":1,"body":"x"}""", 467, "(body: an object")]
    [InlineData("""{"janus":"message","transaction":"t","session_id":1,"handle_id":1,"body":{"request":"leave"},"jsep":1}""", 467, "(jsep: an object")]
    [InlineData("""{"janus":"message","transaction":"t","session_id":1,"handle_id":1,"body":{"request":"leave"},"jsep":{"sdp":""}}""", 456, "(jsep.type)")]
    [InlineData("""{"janus":"message","transaction":"t","session_id":1,"handle_id":1,"body":{"request":"leave"},"jsep":{"type":"offer","sdp":1}}""", 465, "(jsep.sdp:")]
    [InlineData("""{"janus":"trickle","transaction":"t","session_id":1,"handle_id":1,"candidate":"x"}""", 467, "(candidate: an object")]
    [InlineData("""{"janus":"trickle","transaction":"t","session_id":1,"handle_id":1,"candidates":{}}""", 467, "(candidates: a list")]
    public void Envelope_that_is_wrong_is_refused_by_name(string frame, int code, string text)
    {
        var problem = ClientMessageReader.Read(Encoding.UTF8.GetBytes(frame)).Problem;
        Assert.NotNull(problem);
        Assert.Equal(code, problem.Code);
        Assert.Contains(text, problem.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", 429, "(request)", "Direct")]
    [InlineData("""{"request":1}""", 430, "(request: a string", "Direct")]
    [InlineData("""{"request":"dance"}""", 423, "'dance'", "Direct")]
    [InlineData("""{"request":"list"}""", 423, "'list'", "Direct")]
    [InlineData("""{"request":"switch"}""", 423, "'switch'", "Direct")]
    [InlineData("""{"request":"create"}""", 433, "made, changed and ended with their meetings", "Direct")]
    [InlineData("""{"request":"edit"}""", 433, "meetings", "Direct")]
    [InlineData("""{"request":"destroy"}""", 433, "meetings", "Direct")]
    [InlineData("""{"request":"exists"}""", 429, "(room)", "Direct")]
    [InlineData("""{"request":"listparticipants","room":[]}""", 430, "(room: a string", "Direct")]
    [InlineData("""{"request":"join"}""", 429, "(ptype)", "Entry")]
    [InlineData("""{"request":"join","ptype":"viewer"}""", 430, "(ptype: 'publisher'", "Entry")]
    [InlineData("""{"request":"join","ptype":"publisher"}""", 429, "(room)", "Entry")]
    [InlineData("""{"request":"join","ptype":"publisher","room":null}""", 429, "(room)", "Entry")]
    [InlineData("""{"request":"join","ptype":"publisher","room":true}""", 430, "(room: a string", "Entry")]
    [InlineData("""{"request":"join","ptype":"publisher","room":"r","id":"bob"}""", 430, "(id: a positive integer", "Entry")]
    [InlineData("""{"request":"join","ptype":"publisher","room":"r","display":{}}""", 430, "(display: a string", "Entry")]
    [InlineData("""{"request":"joinandconfigure","ptype":"subscriber","room":"r"}""", 430, "(ptype: 'publisher' expected", "Entry")]
    [InlineData("""{"request":"publish","videocodec":"h265"}""", 430, "(videocodec: 'vp8' or 'vp9' or 'h264' or 'av1' expected", "Event")]
    [InlineData("""{"request":"configure","audiocodec":"pcmu"}""", 430, "(audiocodec: 'opus' expected", "Event")]
    [InlineData("""{"request":"configure","videocodec":8}""", 430, "(videocodec: a string", "Event")]
    [InlineData("""{"request":"join","ptype":"listener","room":"r"}""", 429, "(feed)", "Event")]
    [InlineData("""{"request":"join","ptype":"listener","room":"r","feed":{}}""", 430, "(feed: a positive", "Event")]
    [InlineData("""{"request":"join","ptype":"subscriber","room":"r","streams":[{"mid":"0"}]}""", 429, "(streams[0].feed)", "Event")]
    [InlineData("""{"request":"join","ptype":"subscriber","room":"r","streams":[1]}""", 430, "(streams[0]: an object", "Event")]
    [InlineData("""{"request":"configure","keyframe":"yes"}""", 430, "(keyframe: true or false", "Event")]
    [InlineData("""{"request":"configure","audio":1}""", 430, "(audio: true or false", "Event")]
    [InlineData("""{"request":"configure","bitrate":-1}""", 430, "(bitrate: an integer", "Event")]
    [InlineData("""{"request":"configure","streams":[{"mid":0}]}""", 430, "(streams[0].mid: a string", "Event")]
    [InlineData("""{"request":"configure","streams":[{"mid":"0","substream":"high"}]}""", 430, "(streams[0].substream:", "Event")]
    [InlineData("""{"request":"configure","max_width":"wide"}""", 430, "(max_width: an integer", "Event")]
    [InlineData("""{"request":"subscribe","streams":[{"feed":1,"max_height":-1}]}""", 430, "(streams[0].max_height: an integer", "Event")]
    [InlineData("""{"request":"subscribe"}""", 429, "(streams)", "Event")]
    [InlineData("""{"request":"unsubscribe","streams":[{}]}""", 429, "(streams[0].feed)", "Event")]
    [InlineData("""{"request":"update"}""", 429, "(subscribe or unsubscribe)", "Event")]
    public void Body_that_is_wrong_is_refused_by_name_and_in_the_way_its_sender_hears(string body, int code, string text, string style)
    {
        var frame = $$"""{"janus":"message","transaction":"t","session_id":1,"handle_id":1,"body":{{body}} }""";
        var message = ClientMessageReader.Read(Encoding.UTF8.GetBytes(frame));
        Assert.Null(message.Problem);
        var request = Assert.IsType<UnreadableRequest>(message.Request);
        Assert.Equal(code, request.Refusal.Code);
        Assert.Contains(text, request.Refusal.Reason, StringComparison.Ordinal);
        Assert.Equal(style, request.Style.ToString());
    }

    [Theory]
    [InlineData("\"5fb1d8a9c2e4f6a7b8c9d0e1\"", "5fb1d8a9c2e4f6a7b8c9d0e1")]
    [InlineData("1234", "1234")]
    public void Room_is_a_string_or_a_number_taken_for_its_digits(string room, string expected)
    {
        var frame = $$"""{"janus":"message","transaction":"t","session_id":"1","handle_id":"2","body":{"request":"join","ptype":"publisher","id":"42","room":{{room}} } }""";
        var message = ClientMessageReader.Read(Encoding.UTF8.GetBytes(frame));
        var join = Assert.IsType<JoinAsPublisher>(message.Request);
        Assert.Equal((expected, 42UL, 1UL, 2UL), (join.Room, join.Id, message.SessionId, message.HandleId));
    }
}
