namespace AppHost.Local.Servers;

/// <summary>The end of a process's output, kept to explain why it failed.</summary>
internal sealed class LastLines
{
    /// <summary>A .NET stack trace with its message fits.</summary>
    private const int Capacity = 40;

    private readonly Queue<string> _lines = new();

    public void Add(string line)
    {
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Capacity)
                _lines.Dequeue();
        }
    }

    public IReadOnlyList<string> Take(int count = Capacity)
    {
        lock (_lines)
            return [.. _lines.TakeLast(count)];
    }
}
