namespace LoadGenerator;

/// <summary>What to load, with what, for how long. See <see cref="CommandLine"/> for the words of each.</summary>
internal sealed record RunOptions
{
    /// <summary>"node": gRPC straight to a media node. "janus": WebSocket, Janus or this platform.</summary>
    public string Signalling { get; init; } = "node";

    /// <summary>Of the server's signalling.</summary>
    public Uri Server { get; init; } = new("http://127.0.0.1:5100");

    public int Rooms { get; init; } = 1;

    /// <summary>Per room; everybody publishes and receives all others.</summary>
    public int People { get; init; } = 6;

    /// <summary>Instead of <see cref="People"/>: one publisher and so many who only watch, per room. 0 for none.</summary>
    public int Viewers { get; init; }

    /// <summary>All publishers of a subscriber on one PeerConnection instead of one each.</summary>
    public bool SinglePeerConnection { get; init; }

    public bool AudioOnly { get; init; }

    /// <summary>Bits per second of one video stream.</summary>
    public int VideoBitrate { get; init; } = 1_500_000;

    public int FramesPerSecond { get; init; } = 30;

    /// <summary>Bytes of opus in a packet of 20 ms: 80 are 32 kbit/s.</summary>
    public int AudioBytes { get; init; } = 80;

    /// <summary>Share of received RTP packets that are thrown away unseen, in percent.</summary>
    public double LossPercent { get; init; }

    public bool TransportFeedback { get; init; } = true;

    /// <summary>Added to what receiver reports let the server compute as round-trip time: on loopback it would be 0, which some servers take for unknown.</summary>
    public TimeSpan ReportedRoundTrip { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Decrypts only every Nth packet of a stream.</summary>
    public int VerifyEvery { get; init; } = 1;

    /// <summary>UDP_GRO on the receiving sockets.</summary>
    public bool Coalesce { get; init; }

    /// <summary>Address that the sockets are bound to.</summary>
    public System.Net.IPAddress LocalAddress { get; init; } = System.Net.IPAddress.Loopback;

    /// <summary>Instead of a measurement: so long people come and go, <see cref="JoinRate"/> of each a second. Zero for none.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>How long the people of a room are together in a soak.</summary>
    public TimeSpan Stay { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Participants that begin to join per second.</summary>
    public double JoinRate { get; init; } = 20;

    public TimeSpan JoinPatience { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After the measurement: packets that were on their way, or are being asked for again, still count.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Processes whose CPU time and memory are the server's.</summary>
    public IReadOnlyList<int> ServerProcesses { get; init; } = [];

    /// <summary>File for all figures.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Of the platform, for its sessions; null for a server without accounts, such as Janus.</summary>
    public long? ApplicationId { get; init; }

    public string? ApplicationKey { get; init; }

    public int PublishersPerRoom => Viewers > 0 ? 1 : People;

    public int ParticipantsPerRoom => Viewers > 0 ? 1 + Viewers : People;

    /// <summary>Publisher-subscriber pairs.</summary>
    public int Subscriptions => Rooms * (Viewers > 0 ? Viewers : People * (People - 1));
}
