using System.Threading.Channels;

namespace LoadGenerator.Signalling;

/// <summary>Publishers as a member hears of them, each once, whichever way and from whichever thread.</summary>
internal sealed class Announcements
{
    private readonly Channel<ulong> _channel = Channel.CreateUnbounded<ulong>();
    private readonly HashSet<ulong> _known = [];
    private readonly Lock _lock = new();

    public ChannelReader<ulong> Reader => _channel.Reader;

    public void Add(ulong publisher)
    {
        lock (_lock)
        {
            if (_known.Add(publisher))
                _channel.Writer.TryWrite(publisher);
        }
    }

    public void Complete() => _channel.Writer.TryComplete();
}
