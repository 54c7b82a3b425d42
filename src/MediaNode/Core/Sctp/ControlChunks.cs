namespace MediaNode.Core.Sctp;

/// <summary>A finished chunk that waits for a packet.</summary>
/// <param name="Bytes">Without padding.</param>
/// <param name="Tag">Verification tag of its packet.</param>
/// <param name="IsAlone">INIT and INIT ACK may not share a packet (RFC 9260 section 6.10).</param>
internal readonly record struct ControlChunk(byte[] Bytes, uint Tag, bool IsAlone);

/// <summary>Control chunks on their way out, which go before DATA.</summary>
internal sealed class ControlChunks
{
    private readonly Queue<ControlChunk> _waiting = new();

    public void Add(byte[] chunk, uint tag, bool isAlone = false)
    {
        if (_waiting.Count < SctpLimits.ControlChunks)
            _waiting.Enqueue(new(chunk, tag, isAlone));
    }

    public void Clear() => _waiting.Clear();

    /// <summary>The tag of the next packet, if a control chunk is to begin it.</summary>
    public uint? NextTag => _waiting.TryPeek(out var next) ? next.Tag : null;

    /// <summary>Moves chunks into the packet until it is full.</summary>
    /// <param name="writer">A packet for <paramref name="tag"/>.</param>
    /// <param name="tag">Its verification tag.</param>
    /// <returns>False when nothing else may join them.</returns>
    public bool Write(ref SctpPacketWriter writer, uint tag)
    {
        while (_waiting.TryPeek(out var next))
        {
            if (next.Tag != tag || !writer.Fits(next.Bytes.Length) || (next.IsAlone && !writer.IsEmpty))
                return false;
            writer.AddChunk(next.Bytes);
            _waiting.Dequeue();
            if (next.IsAlone)
                return false;
        }
        return true;
    }
}
