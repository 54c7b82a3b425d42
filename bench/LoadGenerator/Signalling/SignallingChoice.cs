using LoadGenerator.Signalling.Janus;
using LoadGenerator.Signalling.Node;

namespace LoadGenerator.Signalling;

internal static class SignallingChoice
{
    public static async Task<ISignalling> ConnectAsync(RunOptions options) => options.Signalling switch
    {
        "node" => await NodeSignalling.ConnectAsync(options.Server),
        _ when options.ApplicationId is { } id => new JanusSignalling(options.Server, new PlatformRooms(options.Server, id, options.ApplicationKey!)),
        _ => new JanusSignalling(options.Server, await JanusRooms.ConnectAsync(options.Server)),
    };
}
