using MediaNode.Core.Entropy;

namespace MediaNode.TestPeer;

/// <summary>Chance that a test can repeat from its seed.</summary>
public sealed class SeededEntropy(int seed) : IEntropy
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);
}
