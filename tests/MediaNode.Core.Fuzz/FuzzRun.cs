using System.Diagnostics;
using System.Reflection;

namespace MediaNode.Core.Fuzz;

internal delegate void FuzzTarget(ReadOnlySpan<byte> data);

/// <summary>
/// Mutates the corpus of one target for a time. Inputs that make the target allocate an amount that none did before are kept and mutated further: a cheap sign that they
/// reach something new, for the parsers that build something. Stops at the first input that makes the target throw, or take too long.
/// </summary>
internal sealed class FuzzRun
{
    /// <summary>Kept inputs; the oldest of the new ones gives way.</summary>
    private const int MaximumInputs = 2000;

    /// <summary>Targets take microseconds.</summary>
    private static readonly TimeSpan TooLong = TimeSpan.FromSeconds(2);

    private readonly FuzzTarget _target;
    private readonly List<byte[]> _inputs;
    private readonly int _seeds;
    private readonly HashSet<long> _allocations = [];
    private readonly Random _random;

    public FuzzRun(string name, int seed)
    {
        Name = name;
        _target = FindTarget(name);
        _inputs = [.. ReadCorpus(name).Select(file => file.Content)];
        _seeds = _inputs.Count;
        _random = new(seed);
    }

    public string Name { get; }

    public long Executions { get; private set; }

    /// <summary>Inputs that did what none did before.</summary>
    public int NewInputs { get; private set; }

    public static IReadOnlyList<string> TargetNames =>
        [.. typeof(FuzzTargets).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Select(method => method.Name)];

    public static FuzzTarget FindTarget(string name) => typeof(FuzzTargets).GetMethod(name)!.CreateDelegate<FuzzTarget>();

    public static IReadOnlyList<(string File, byte[] Content)> ReadCorpus(string name) =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Corpus", name)).Order(StringComparer.Ordinal).Select(file => (file, File.ReadAllBytes(file)))];

    /// <returns>The input that the target failed on, and how; null when it survived all.</returns>
    public (byte[] Input, Exception Failure)? Run(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            var input = NextInput();
            if (Execute(input) is { } failure)
                return ((failure as InputException)?.Input ?? input, failure);
        }
        return null;
    }

    private byte[] NextInput()
    {
        var input = _inputs[_random.Next(_inputs.Count)];
        if (_random.Next(8) == 0)
            input = Mutation.Splice(input, _inputs[_random.Next(_inputs.Count)], _random);
        return Mutation.Of(input, _random);
    }

    private Exception? Execute(byte[] input)
    {
        Executions++;
        var started = Stopwatch.GetTimestamp();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target(input);
        }
        catch (Exception exception)
        {
            return exception;
        }
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (elapsed > TooLong)
            return new TimeoutException($"took {elapsed.TotalSeconds:F1} s");
        if (_allocations.Add(allocated))
            Keep(input);
        return null;
    }

    private void Keep(byte[] input)
    {
        NewInputs++;
        if (_inputs.Count < MaximumInputs)
            _inputs.Add(input);
        else
            _inputs[_seeds + NewInputs % (MaximumInputs - _seeds)] = input;
    }
}
