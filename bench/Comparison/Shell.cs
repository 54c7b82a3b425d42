using System.Diagnostics;

namespace Comparison;

/// <summary>Running programs and waiting for their end.</summary>
internal static class Shell
{
    /// <summary>What the program wrote; its messages go on to ours.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    /// <param name="program">Looked for in PATH unless it is a path.</param>
    /// <param name="arguments">Each as one.</param>
    /// <param name="environment">Added to ours.</param>
    /// <param name="cancellationToken">Ends the program with it.</param>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, CancellationToken cancellationToken = default)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{program} {string.Join(' ', process.StartInfo.ArgumentList)} ended with {process.ExitCode}:\n{await output}{await errors}");
    }

    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    public static string[] Words(FormattableString text) =>
        text.ToString(System.Globalization.CultureInfo.InvariantCulture).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
