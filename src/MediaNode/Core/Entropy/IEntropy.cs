namespace MediaNode.Core.Entropy;

/// <summary>Chance, injected: the operating system's generator in production, a seeded one in simulations.</summary>
public interface IEntropy
{
    void Fill(Span<byte> bytes);
}
