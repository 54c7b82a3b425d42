using System.Reflection;

namespace MediaNode.Core.Fuzz;

public sealed class CorpusTests
{
    /// <summary>Mutations per corpus file; the whole run takes seconds.</summary>
    private const int Mutations = 3000;

    /// <summary>The same where each takes a millisecond.</summary>
    private const int MutationsOfSlowTargets = 300;

    public static TheoryData<string> Targets => [.. FuzzRun.TargetNames];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_survives_its_corpus_and_mutations_of_it(string name)
    {
        var target = FuzzRun.FindTarget(name);
        var corpus = FuzzRun.ReadCorpus(name);
        Assert.NotEmpty(corpus);
        var mutations = FuzzTargets.Slow.Contains(name) ? MutationsOfSlowTargets : Mutations;
        target([]);
        foreach (var (file, original) in corpus)
        {
            Run(target, original, file, 0);
            for (var seed = 1; seed <= mutations; seed++)
                Run(target, Mutation.Of(original, new Random(seed)), file, seed);
        }
    }

    [Fact]
    public void Every_public_parser_has_a_target()
    {
        var parsers = typeof(ParseFailure).Assembly.GetExportedTypes()
            .Where(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Any(method => method.Name == "TryParse"))
            .ToArray();

        Assert.NotEmpty(parsers);
        Assert.Empty(parsers.Where(type => !FuzzTargets.Covers.ContainsKey(type)).Select(type => type.FullName));
        Assert.Empty(FuzzTargets.Covers.Values.Except(FuzzRun.TargetNames));
    }

    private static void Run(FuzzTarget target, byte[] data, string file, int seed)
    {
        try
        {
            target(data);
        }
        catch (Exception exception)
        {
            var failed = (exception as InputException)?.Input ?? data;
            throw new InvalidOperationException($"{Path.GetFileName(file)}, seed {seed}: {Convert.ToHexString(failed)}", exception);
        }
    }
}
