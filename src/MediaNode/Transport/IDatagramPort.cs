using MediaNode.Core.Forwarding;
using MediaNode.Core.Net;

namespace MediaNode.Transport;

/// <summary>One UDP port, owned by one thread; only <see cref="Wake"/> may be called by others.</summary>
internal interface IDatagramPort : ITransmitter, IDisposable
{
    /// <summary>The port bound to.</summary>
    int LocalPort { get; }

    /// <summary>Datagrams that were not sent, by reason.</summary>
    SendFailures SendFailures { get; }

    /// <summary>The connections of clients that come by TCP, on the same port number; null where only UDP is taken.</summary>
    StreamPort? Streams { get; }

    /// <summary>The most datagrams that one <see cref="Receive"/> takes.</summary>
    int BatchSize { get; }

    /// <summary>How full the socket is of datagrams that nobody took yet, 0 to 1; 0 where the system does not tell.</summary>
    double Backlog { get; }

    /// <summary>Blocks until a datagram is there, a connection wants something, somebody called <see cref="Wake"/>, or the time is over.</summary>
    void Wait(TimeSpan timeout);

    /// <summary>Lets datagrams gather until the time is over or somebody called <see cref="Wake"/>.</summary>
    void Gather(TimeSpan time);

    /// <summary>Takes what has come, without blocking: the number of datagrams, at most one batch.</summary>
    int Receive();

    /// <summary>One datagram of the last <see cref="Receive"/>; it may be changed in place.</summary>
    Span<byte> Datagram(int index, out TransportAddress source);

    void Wake();
}
