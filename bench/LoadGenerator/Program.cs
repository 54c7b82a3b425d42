using LoadGenerator;
using LoadGenerator.Soak;

if (args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

RunOptions options;
try
{
    options = CommandLine.Parse(args);
}
catch (Exception mistake) when (mistake is ArgumentException or FormatException)
{
    Console.Error.WriteLine(mistake.Message);
    return 2;
}

try
{
    if (options.Soak > TimeSpan.Zero)
    {
        await using var soak = new SoakRun(options, Console.Error);
        return await soak.RunAsync() ? 0 : 1;
    }
    await using var run = new LoadRun(options, Console.Error);
    var result = await run.RunAsync();
    ResultTable.Write(Console.Out, result);
    if (options.JsonFile is { } file)
        await File.WriteAllTextAsync(file, result.ToJson());
    return 0;
}
catch (Exception problem) when (problem is not OutOfMemoryException)
{
    Console.Error.WriteLine($"the run failed: {problem.Message}");
    return 1;
}
