using System.Diagnostics;
using System.Net.Sockets;
using MediaNode.Transport;

namespace MediaNode.IntegrationTests.Transport;

public sealed class SendPatienceTests : IDisposable
{
    private readonly Socket _sender = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly Socket _reader = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"patience-{Guid.NewGuid():N}");

    public SendPatienceTests()
    {
        _reader.Bind(new UnixDomainSocketEndPoint(_path));
        _sender.Connect(new UnixDomainSocketEndPoint(_path));
        while (_sender.Send(new byte[1000], SocketFlags.None, out var problem) > 0 && problem == SocketError.Success)
        {
        }
    }

    public void Dispose()
    {
        _sender.Dispose();
        _reader.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void Full_socket_is_waited_for_once_and_then_no_more_until_the_next_batch()
    {
        var patience = default(SendPatience);
        patience.Renew();
        var start = Stopwatch.GetTimestamp();

        Assert.False(patience.TryWait((int)_sender.Handle));
        Assert.True(Stopwatch.GetElapsedTime(start) >= SendPatience.Limit * 0.9);
        start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 1000; i++)
            Assert.False(patience.TryWait((int)_sender.Handle));
        Assert.True(Stopwatch.GetElapsedTime(start) < SendPatience.Limit * 1000 / 10, "it does not wait again");
    }

    [Fact]
    public void Room_that_is_made_ends_the_wait_and_a_queue_that_stays_full_though_writable_uses_patience_up()
    {
        var patience = default(SendPatience);
        patience.Renew();
        while (_reader.Available > 0)
            _reader.Receive(new byte[1000]);

        var tries = 0;
        while (patience.TryWait((int)_sender.Handle))
            tries++;

        Assert.InRange(tries, 1, 20);
    }
}
