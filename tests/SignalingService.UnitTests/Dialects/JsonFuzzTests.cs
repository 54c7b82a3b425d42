using System.Text;
using SignalingService.Dialects;
using SignalingService.SystemMessages;
using SignalingService.UnitTests.Sessions;

namespace SignalingService.UnitTests.Dialects;

/// <summary>Whatever bytes come: the readers do not throw, and the machine answers.</summary>
public sealed class JsonFuzzTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Frames =
    [
        """{"janus":"create","transaction":"t","token":"good"}""",
        """{"janus":"attach","transaction":"t","plugin":"janus.plugin.videoroom","session_id":100}""",
        """{"janus":"message","transaction":"t","session_id":100,"handle_id":101,"body":{"request":"join","room":"5fb1d8a9c2e4f6a7b8c9d0e1","ptype":"publisher","id":42,"display":"\u00e4\ud83d\ude00"}}""",
        """{"janus":"message","transaction":"t","session_id":100,"handle_id":101,"body":{"request":"configure","bitrate":5,"streams":[{"mid":"0","substream":1}]},"jsep":{"type":"offer","sdp":"v=0"}}""",
        """{"janus":"message","transaction":"t","session_id":100,"handle_id":101,"body":{"request":"update","subscribe":[{"feed":43}],"unsubscribe":[{"sub_mid":"1"}]}}""",
        """{"janus":"trickle","transaction":"t","session_id":100,"handle_id":101,"candidates":[{"candidate":"x"},{"completed":true}]}""",
        """{"type":"send","id":"a","to":[1,2],"body":"hi","extension":{"callStart":"1"}}""",
        """{"type":"authenticate","token":"x","transaction":"y"}""",
    ];

    private static readonly string[] Inserts = ["null", "{}", "[]", "-1", "1e999", "\"\\ud800\"", "true", "\"", "}", "18446744073709551616", "\0"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_frames_never_throw(int seed)
    {
        var random = new Random(seed);
        var desk = new Desk();
        desk.Create();
        desk.Attach();
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = Mutate(Encoding.UTF8.GetBytes(Frames[random.Next(Frames.Length)]), random);
            _ = ClientRequestReader.Read(bytes);
            desk.Receive(ClientMessageReader.Read(bytes));
            desk.RefuseAll();
            Assert.True(desk.Sent.Count > 0, $"No answer to {Encoding.UTF8.GetString(bytes)} (seed {seed}, round {round})");
            desk.Sent.Clear();
        }
    }

    private static byte[] Mutate(byte[] frame, Random random)
    {
        var bytes = frame.ToList();
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Inserts[random.Next(Inserts.Length)]));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(8, bytes.Count - at)));
                    break;
            }
            if (bytes.Count == 0)
                bytes.Add((byte)'{');
        }
        return [.. bytes];
    }
}
