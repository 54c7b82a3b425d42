using LoadGenerator.Signalling.Node;

namespace LoadGenerator.Signalling;

internal static class SignallingChoice
{
    public static async Task<ISignalling> ConnectAsync(RunOptions options) => options.Signalling switch
    {
        "node" => await NodeSignalling.ConnectAsync(options.Server),
        _ => throw new ArgumentException($"--signalling {options.Signalling}: node is known"),
    };
}
