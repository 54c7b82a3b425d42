namespace MediaNode.Core.UnitTests.Forwarding.Layers;

/// <summary>A kind of frame in a <see cref="DescriptorWriter"/>'s structure.</summary>
/// <param name="Indications">One letter for each decode target: - D S R.</param>
/// <param name="References">Distances in frame numbers.</param>
internal sealed record TemplateFrame(byte Spatial, byte Temporal, string Indications, params int[] References);

/// <summary>Writes dependency descriptors as appendix A.8.2 of the AV1 RTP payload format says, without any of the code under test.</summary>
internal sealed class DescriptorWriter(IReadOnlyList<TemplateFrame> templates, int idOffset = 5, bool hasChains = false, (int Width, int Height)[]? sizes = null)
{
    private readonly List<bool> _bits = [];

    public IReadOnlyList<TemplateFrame> Templates => templates;

    private int TargetCount => templates[0].Indications.Length;

    public byte[] Write(
        int template, ushort frameNumber, bool isFirst = true, bool isLast = true, bool hasStructure = false, uint? active = null, string? indications = null, int[]? references = null)
    {
        _bits.Clear();
        Put(isFirst ? 1u : 0, 1);
        Put(isLast ? 1u : 0, 1);
        Put((uint)((template + idOffset) % 64), 6);
        Put(frameNumber, 16);
        if (hasStructure || active is not null || indications is not null || references is not null)
        {
            Put(hasStructure ? 1u : 0, 1);
            Put(active is null ? 0 : 1u, 1);
            Put(indications is null ? 0 : 1u, 1);
            Put(references is null ? 0 : 1u, 1);
            Put(0, 1);
            if (hasStructure)
                PutStructure();
            if (active is { } targets)
                Put(targets, TargetCount);
            if (indications is not null)
                PutIndications(indications);
            if (references is not null)
                PutReferences(references);
        }
        var bytes = new byte[(_bits.Count + 7) / 8];
        for (var i = 0; i < _bits.Count; i++)
            bytes[i / 8] |= (byte)(_bits[i] ? 0x80 >> (i % 8) : 0);
        return bytes;
    }

    private void PutStructure()
    {
        Put((uint)idOffset, 6);
        Put((uint)TargetCount - 1, 5);
        for (var i = 0; i < templates.Count; i++)
        {
            var isLast = i == templates.Count - 1;
            Put(isLast ? 3u : templates[i + 1].Spatial > templates[i].Spatial ? 2u : templates[i + 1].Temporal > templates[i].Temporal ? 1u : 0, 2);
        }
        foreach (var template in templates)
            PutIndications(template.Indications);
        foreach (var template in templates)
        {
            foreach (var distance in template.References)
            {
                Put(1, 1);
                Put((uint)distance - 1, 4);
            }
            Put(0, 1);
        }
        // One chain for all targets, or none.
        PutNonSymmetric(hasChains ? 1u : 0, (uint)TargetCount + 1);
        if (hasChains)
        {
            for (var i = 0; i < TargetCount; i++)
                PutNonSymmetric(0, 1);
            foreach (var _ in templates)
                Put(1, 4);
        }
        Put(sizes is null ? 0 : 1u, 1);
        foreach (var (width, height) in sizes ?? [])
        {
            Put((uint)width - 1, 16);
            Put((uint)height - 1, 16);
        }
    }

    private void PutIndications(string indications)
    {
        foreach (var letter in indications)
            Put((uint)"-DSR".IndexOf(letter, StringComparison.Ordinal), 2);
    }

    private void PutReferences(int[] references)
    {
        foreach (var distance in references)
        {
            var size = distance <= 16 ? 1 : distance <= 256 ? 2 : 3;
            Put((uint)size, 2);
            Put((uint)distance - 1, 4 * size);
        }
        Put(0, 2);
    }

    private void PutNonSymmetric(uint value, uint n)
    {
        var width = 0;
        for (var x = n; x != 0; x >>= 1)
            width++;
        var shorter = (1u << width) - n;
        if (value < shorter)
            Put(value, width - 1);
        else
            Put(value + shorter, width);
    }

    private void Put(uint value, int bits)
    {
        for (var bit = bits - 1; bit >= 0; bit--)
            _bits.Add(((value >> bit) & 1) != 0);
    }
}

/// <summary>Structures that browsers send, by their names in the WebRTC SVC specification.</summary>
internal static class Structures
{
    public static readonly DescriptorWriter L1T3 = new(
    [
        new(0, 0, "SSS"),
        new(0, 0, "SSS", 4),
        new(0, 1, "-DS", 2),
        new(0, 2, "--D", 1),
    ], hasChains: true);

    /// <summary>Two spatial layers, the upper one predicted from the lower only in key frames, with two temporal layers each.</summary>
    public static readonly DescriptorWriter L2T2Key = new(
    [
        // Targets: S0T0, S0T1, S1T0, S1T1.
        new(0, 0, "SSSS"),
        new(0, 0, "SS--", 4),
        new(0, 1, "-D--", 2),
        new(1, 0, "--SS", 1),
        new(1, 0, "--SS", 4),
        new(1, 1, "---D", 2),
    ]);
}
