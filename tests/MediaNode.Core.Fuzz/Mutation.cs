namespace MediaNode.Core.Fuzz;

/// <summary>Changes inputs at random; boundary values more often than others.</summary>
internal static class Mutation
{
    /// <summary>Bytes that a mutation may add to an input.</summary>
    private const int MaximumGrowth = 64;

    /// <summary>Longest input: more than any datagram, less than what would slow everything down.</summary>
    private const int MaximumLength = 20_000;

    /// <summary>Flips, replaces, inserts, removes and repeats bytes.</summary>
    public static byte[] Of(byte[] original, Random random)
    {
        var bytes = original.ToList();
        var longest = Math.Min(original.Length + MaximumGrowth, MaximumLength);
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
                case 4 when bytes.Count < longest:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    var length = Math.Min(random.Next(1, 32), bytes.Count - at);
                    if (bytes.Count + length <= longest)
                        bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>The beginning of one input and the end of another.</summary>
    public static byte[] Splice(byte[] first, byte[] second, Random random)
    {
        byte[] spliced = [.. first.AsSpan(0, random.Next(first.Length + 1)), .. second.AsSpan(random.Next(second.Length + 1))];
        return spliced.Length <= MaximumLength ? spliced : first;
    }
}
