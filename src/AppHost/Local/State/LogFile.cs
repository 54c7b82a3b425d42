namespace AppHost.Local.State;

/// <summary>One service's log on disk; when it is full it becomes <c>name.log.1</c>, and the one before that is forgotten.</summary>
internal sealed class LogFile : IDisposable
{
    /// <summary>Bytes: about a day of a busy service at information level.</summary>
    private const long MaximumBytes = 10 * 1024 * 1024;

    private readonly string _path;
    private readonly long _maximumBytes;
    private readonly Lock _gate = new();
    private StreamWriter _writer;

    public LogFile(string path, long maximumBytes = MaximumBytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        (_path, _maximumBytes, _writer) = (path, maximumBytes, Open(path));
    }

    public void Add(string line)
    {
        lock (_gate)
        {
            if (_writer.BaseStream.Position > _maximumBytes)
                Rotate();
            _writer.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _writer.Dispose();
    }

    private void Rotate()
    {
        _writer.Dispose();
        File.Move(_path, _path + ".1", overwrite: true);
        _writer = Open(_path);
    }

    private static StreamWriter Open(string path) => new(path, append: true) { AutoFlush = true };
}
