using System.ComponentModel.DataAnnotations;
using System.Net;

namespace MediaNode.Transport;

/// <summary>What this media node is called and where it is reached. Section "Node".</summary>
public sealed record NodeOptions : IValidatableObject
{
    /// <summary>Stable name that people know the node by.</summary>
    [Required, RegularExpression("^[A-Za-z0-9._-]{1,64}$")]
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>Address to listen on for media; empty listens on every address, IPv6 included where the system has it.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>UDP port of the first worker; worker i listens on Port + i. 0 takes free ones. TCP has the same numbers.</summary>
    [Range(0, 65535)]
    public int Port { get; init; }

    /// <summary>Threads that forward media, each with a port and rooms of its own. 0 takes one per core, less one for the rest.</summary>
    [Range(0, 256)]
    public int Workers { get; init; } = 1;

    /// <summary>
    /// Take media over TCP too (RFC 6544), for clients whose network lets no UDP through. Needs <see cref="BatchedSockets"/>.
    /// </summary>
    public bool Tcp { get; init; } = true;

    /// <summary>
    /// Addresses put into candidates, IPv4 and IPv6. With a port ("203.0.113.5:30000", "[2001:db8::5]:30000") where clients reach the first worker by another
    /// port than it listens on; worker i is reached at that port + i. Empty: those of this machine's interfaces (loopback only when there is no other).
    /// </summary>
    public string[] AdvertisedAddresses { get; init; } = [];

    /// <summary>TCP port of the gRPC control service (HTTP/2 without TLS); 0 takes a free one, which the heartbeats tell.</summary>
    [Range(0, 65535)]
    public int ControlPort { get; init; }

    /// <summary>Address that the control service listens on. It must be reachable by the signalling service, and by nobody else.</summary>
    public string ControlListenAddress { get; init; } = "127.0.0.1";

    /// <summary>Where other services reach the control service, such as <c>http://10.0.3.7:5100</c>. Empty: the address it listens on.</summary>
    public string ControlAddress { get; init; } = "";

    /// <summary>
    /// Tell the signalling instances, through the broker, that this node is there. False for a node that is given its rooms directly, as in
    /// measurements of the node alone: it needs no broker then, and nobody finds it.
    /// </summary>
    public bool Heartbeats { get; init; } = true;

    /// <summary>One recvmmsg/sendmmsg per batch, with segmentation offload; false uses plain sockets, as on systems without them.</summary>
    public bool BatchedSockets { get; init; } = OperatingSystem.IsLinux();

    /// <summary>Encrypt with OpenSSL even where ipsec-mb, which is faster, is installed.</summary>
    public bool OpenSslOnly { get; init; }

    /// <summary>Peers of all rooms; more are refused, and new rooms from nine tenths of it on, as with the limits below.</summary>
    [Range(1, 1_000_000)]
    public int MaximumPeers { get; init; } = 5000;

    /// <summary>Most that is sent to one subscribing PeerConnection, in bits per second; 0: as much as its path carries.</summary>
    [Range(0, long.MaxValue)]
    public long SubscriberBitrate { get; init; }

    /// <summary>RTP packets sent per second by all workers. 0: 250,000 for each worker.</summary>
    [Range(0, long.MaxValue)]
    public long MaximumPacketsPerSecond { get; init; }

    /// <summary>Megabits per second sent by all workers. 0: 2,000 for each worker.</summary>
    [Range(0, 1_000_000)]
    public int MaximumMegabitsPerSecond { get; init; }

    /// <summary>Share of its time that a worker's thread may work, 0 to 1. 1 refuses nobody for it.</summary>
    [Range(0.05, 1)]
    public double MaximumWorkerLoad { get; init; } = 0.85;

    /// <summary>Seconds for which a node that is told to stop waits for its calls to end. A second signal ends it at once.</summary>
    [Range(0, 86_400)]
    public int DrainSeconds { get; init; } = 10;

    /// <summary>Streams of statistics at once.</summary>
    [Range(0, 1000)]
    public int MaximumStatisticsStreams { get; init; } = 16;

    /// <summary>Seconds after which an empty room is closed.</summary>
    [Range(0, 3600)]
    public int EmptyRoomSeconds { get; init; } = 10;

    /// <summary>Seconds for which participants without a connected peer survive the loss of their signalling instance.</summary>
    [Range(1, 3600)]
    public int OwnerLossSeconds { get; init; } = 15;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ListenAddress.Length > 0 && !IPAddress.TryParse(ListenAddress, out _))
            yield return new($"Node:ListenAddress: \"{ListenAddress}\" is not an IP address", [nameof(ListenAddress)]);
        foreach (var text in AdvertisedAddresses)
        {
            if (!NodeAddresses.TryParse(text, out _, out var problem))
                yield return new($"Node:AdvertisedAddresses: \"{text}\" {problem}", [nameof(AdvertisedAddresses)]);
        }
    }
}
