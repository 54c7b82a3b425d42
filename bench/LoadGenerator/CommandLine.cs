using System.Globalization;
using System.Net;

namespace LoadGenerator;

/// <summary>Reads the options; every mistake is told with the option's name.</summary>
internal static class CommandLine
{
    public const string Help = """
        LoadGenerator: conferences without people, against any server of the Janus VideoRoom protocol or a media node alone.

        Server
          --signalling node|janus   gRPC straight to a media node, or WebSocket to Janus or this platform (node)
          --server URL              http://127.0.0.1:5100 (node), ws://127.0.0.1:8188 (Janus), http://127.0.0.1:8080 (the platform's gateway)
          --application ID:KEY      of the platform, for sessions; leave it out for Janus
          --server-pid PID[,PID]    processes whose CPU time and memory are the server's

        Load
          --rooms R                 (1)
          --people P                per room; everybody publishes and receives all others (6)
          --viewers N               instead of --people: one publisher and N viewers per room
          --subscriptions WHICH     per-publisher: a PeerConnection for each; single: one for all (per-publisher)
          --audio-only              opus alone
          --bitrate BPS             of video (1500000)
          --fps N                   frames per second (30)
          --audio-bytes N           opus payload of 20 ms (80)
          --join-rate N             participants per second (20)
          --join-patience S         measure after so long even when some still get nothing (30)

        Network and feedback
          --loss PERCENT            of received packets, thrown away by the generator; recovered by NACK
          --no-transport-cc         do not negotiate transport-wide congestion control
          --report-rtt MS           added to the round-trip time that the server computes from receiver reports (5): on loopback it
                                    would be 0, which Janus takes for unknown and keeps no history for NACKs
          --local-address IP        (127.0.0.1)
          --verify-every N          decrypt and authenticate every Nth packet only (1); headers are checked off in any case,
                                    latency and key frames are seen in decrypted packets
          --gro                     UDP_GRO on the receiving sockets. Off by default: over loopback, a receiver with GRO spares the kernel
                                    to cut what the server sent with UDP_SEGMENT into packets, which flatters a server that does so

        Soak (of a node)
          --soak MINUTES            instead of a measurement: rooms of --people open, stay and close, --join-rate people a second coming and as many
                                    going; fails when the server then holds more memory, handles, timers, descriptors or threads than after
                                    the first five minutes, which come on top
          --stay S                  (6)

        Measurement
          --warm-up S               after everybody has joined (3)
          --duration S              (10)
          --json FILE               all figures
        """;

    public static RunOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new RunOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value");
            options = name switch
            {
                "--signalling" => options with { Signalling = Choice(name, Value(), "node", "janus") },
                "--server" => options with { Server = Address(name, Value()) },
                "--application" => Application(options, name, Value()),
                "--server-pid" => options with { ServerProcesses = [.. Value().Split(',').Select(id => Whole(name, id, 1, int.MaxValue))] },
                "--rooms" => options with { Rooms = Whole(name, Value(), 1, 10_000) },
                "--people" => options with { People = Whole(name, Value(), 2, 1000) },
                "--viewers" => options with { Viewers = Whole(name, Value(), 1, 10_000) },
                "--subscriptions" => options with { SinglePeerConnection = Choice(name, Value(), "per-publisher", "single") == "single" },
                "--audio-only" => options with { AudioOnly = true },
                "--bitrate" => options with { VideoBitrate = Whole(name, Value(), 50_000, 50_000_000) },
                "--fps" => options with { FramesPerSecond = Whole(name, Value(), 1, 120) },
                "--audio-bytes" => options with { AudioBytes = Whole(name, Value(), 30, 1200) },
                "--join-rate" => options with { JoinRate = Number(name, Value(), 0.1, 1000) },
                "--join-patience" => options with { JoinPatience = TimeSpan.FromSeconds(Number(name, Value(), 1, 600)) },
                "--loss" => options with { LossPercent = Number(name, Value(), 0, 100) },
                "--no-transport-cc" => options with { TransportFeedback = false },
                "--report-rtt" => options with { ReportedRoundTrip = TimeSpan.FromMilliseconds(Number(name, Value(), 0, 1000)) },
                "--local-address" => options with { LocalAddress = IPAddress.Parse(Value()) },
                "--verify-every" => options with { VerifyEvery = Whole(name, Value(), 1, 1000) },
                "--gro" => options with { Coalesce = true },
                "--soak" => options with { Soak = TimeSpan.FromMinutes(Number(name, Value(), 0.1, 10_000)) },
                "--stay" => options with { Stay = TimeSpan.FromSeconds(Number(name, Value(), 0, 600)) },
                "--warm-up" => options with { WarmUp = TimeSpan.FromSeconds(Number(name, Value(), 0, 3600)) },
                "--duration" => options with { Duration = TimeSpan.FromSeconds(Number(name, Value(), 0.1, 3600)) },
                "--json" => options with { JsonFile = Value() },
                _ => throw new ArgumentException($"unknown option {name}; --help lists them"),
            };
        }
        return options;
    }

    private static RunOptions Application(RunOptions options, string name, string value)
    {
        var colon = value.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && long.TryParse(value.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? options with { ApplicationId = id, ApplicationKey = value[(colon + 1)..] }
            : throw new ArgumentException($"{name}: \"id:key\" expected");
    }

    private static string Choice(string name, string value, params string[] known) =>
        known.Contains(value) ? value : throw new ArgumentException($"{name}: {string.Join(" or ", known)} expected, not \"{value}\"");

    private static Uri Address(string name, string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) ? address : throw new ArgumentException($"{name}: \"{value}\" is no address");

    private static int Whole(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException($"{name}: a whole number from {least} to {most} expected, not \"{value}\"");

    private static double Number(string name, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name}: a number from {least} to {most} expected, not \"{value}\""));
}
