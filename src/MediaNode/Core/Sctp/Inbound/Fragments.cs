namespace MediaNode.Core.Sctp;

/// <summary>
/// Runs of fragments with TSNs in a row, found by either end, so that a fragment finds its place at once whatever the order of arrival.
/// A message's fragments have TSNs in a row (RFC 9260 section 6.9), so a run from a beginning to an end is a message.
/// </summary>
internal sealed class Fragments
{
    private readonly Dictionary<Tsn, Run> _byFirst = [];
    private readonly Dictionary<Tsn, Run> _byLast = [];

    public int Count { get; private set; }

    public int Bytes { get; private set; }

    /// <summary>Takes in a fragment that is new.</summary>
    /// <returns>The run that it is in now.</returns>
    public Run Add(in DataChunkView data)
    {
        var run = new Run(data);
        Count++;
        Bytes += run.Bytes;
        if (!run.HasBegin && _byLast.TryGetValue(run.First.Plus(-1), out var before) && !before.HasEnd)
        {
            Forget(before);
            run = before.Join(run);
        }
        if (!run.HasEnd && _byFirst.TryGetValue(run.Last.Next, out var after) && !after.HasBegin)
        {
            Forget(after);
            run = run.Join(after);
        }
        _byFirst.Add(run.First, run);
        _byLast.Add(run.Last, run);
        return run;
    }

    public void Remove(Run run)
    {
        Forget(run);
        Count -= run.Count;
        Bytes -= run.Bytes;
    }

    /// <summary>Drops the runs that begin at or before a TSN that the sender has given up.</summary>
    public void RemoveUpTo(Tsn tsn)
    {
        foreach (var run in _byFirst.Values.Where(run => !run.First.IsAfter(tsn)).ToList())
            Remove(run);
    }

    private void Forget(Run run)
    {
        _byFirst.Remove(run.First);
        _byLast.Remove(run.Last);
    }
}

/// <summary>Fragments with TSNs in a row.</summary>
internal sealed class Run
{
    private readonly List<byte[]> _pieces;

    public Run(in DataChunkView data)
    {
        _pieces = [data.UserData.ToArray()];
        First = Last = data.Tsn;
        HasBegin = data.IsBegin;
        HasEnd = data.IsEnd;
        StreamId = data.StreamId;
        StreamSequenceNumber = data.StreamSequenceNumber;
        IsUnordered = data.IsUnordered;
        PayloadProtocol = data.PayloadProtocol;
        Bytes = data.UserData.Length;
    }

    public Tsn First { get; }

    public Tsn Last { get; private set; }

    public bool HasBegin { get; }

    public bool HasEnd { get; private set; }

    public ushort StreamId { get; }

    public ushort StreamSequenceNumber { get; }

    public bool IsUnordered { get; }

    public uint PayloadProtocol { get; }

    public int Bytes { get; private set; }

    public int Count => _pieces.Count;

    /// <summary>The fragments contradict one another about their message.</summary>
    public bool IsContradictory { get; private set; }

    public Run Join(Run next)
    {
        IsContradictory |= next.IsContradictory || next.StreamId != StreamId || next.IsUnordered != IsUnordered
            || (!IsUnordered && next.StreamSequenceNumber != StreamSequenceNumber);
        _pieces.AddRange(next._pieces);
        Last = next.Last;
        HasEnd = next.HasEnd;
        Bytes += next.Bytes;
        return this;
    }

    public ReceivedMessage ToMessage() => new(StreamId, PayloadProtocol, _pieces.Count == 1 ? _pieces[0] : Concatenate());

    private byte[] Concatenate()
    {
        var whole = new byte[Bytes];
        var length = 0;
        foreach (var piece in _pieces)
        {
            piece.CopyTo(whole, length);
            length += piece.Length;
        }
        return whole;
    }
}
