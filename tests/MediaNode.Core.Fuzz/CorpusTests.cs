using System.Reflection;

namespace MediaNode.Core.Fuzz;

public sealed class CorpusTests
{
    /// <summary>Mutations per corpus file; the whole run takes seconds.</summary>
    private const int Mutations = 3000;

    /// <summary>Bytes that mutations may add to a file.</summary>
    private const int MaximumGrowth = 64;

    private delegate void Target(ReadOnlySpan<byte> data);

    public static TheoryData<string> Targets => [.. TargetMethods().Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Target_survives_its_corpus_and_mutations_of_it(string name)
    {
        var target = TargetMethods().Single(method => method.Name == name).CreateDelegate<Target>();
        var files = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Corpus", name)).Order(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(files);
        target([]);
        foreach (var file in files)
        {
            var original = File.ReadAllBytes(file);
            Run(target, original, file, 0);
            for (var seed = 1; seed <= Mutations; seed++)
                Run(target, Mutate(original, new Random(seed)), file, seed);
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
        Assert.Empty(FuzzTargets.Covers.Values.Except(TargetMethods().Select(method => method.Name)));
    }

    private static MethodInfo[] TargetMethods() => typeof(FuzzTargets).GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly);

    private static void Run(Target target, byte[] data, string file, int seed)
    {
        try
        {
            target(data);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{Path.GetFileName(file)}, seed {seed}: {Convert.ToHexString(data)}", exception);
        }
    }

    /// <summary>Flips, replaces, inserts, removes and repeats bytes; boundary values more often than others.</summary>
    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var turns = random.Next(1, 6); turns > 0; turns--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => (byte)random.Next(256) };
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(8), bytes.Count - at));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4 when bytes.Count < original.Length + MaximumGrowth:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    var length = Math.Min(random.Next(1, 32), bytes.Count - at);
                    if (bytes.Count + length <= original.Length + MaximumGrowth)
                        bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }
}
