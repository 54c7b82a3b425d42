using MediaNode.Core.SimulationTests.Network;

namespace MediaNode.Core.SimulationTests.Scenarios;

/// <summary>What one direction of a person's path is like.</summary>
internal sealed record PathProfile(string Name)
{
    /// <summary>Of the links that nothing is said about: more than anybody in a scenario sends.</summary>
    private const double Wide = 100_000;

    private const double Narrow = 300;

    private const double Broadband = 5000;

    public static readonly PathProfile Clean = new("clean");

    public static readonly PathProfile[] Downlinks =
    [
        Clean,
        new("1 % loss") { Loss = 0.01 },
        new("5 % loss") { Loss = 0.05 },
        new("10 % loss") { Loss = 0.1 },
        new("20 % loss") { Loss = 0.2 },
        new("bursts") { BurstBegins = 0.004 },
        new("300 ms of jitter") { Jitter = TimeSpan.FromMilliseconds(300) },
        new("reordering") { Jitter = TimeSpan.FromMilliseconds(25) },
        new("narrow") { Kilobits = Narrow },
        new("5 M to 300 k to 5 M") { Kilobits = Broadband, NarrowsTo = Narrow },
    ];

    /// <summary>A client has no congestion control here, so its uplink is wide.</summary>
    public static readonly PathProfile[] Uplinks =
    [
        Clean,
        Clean,
        new("1 % loss") { Loss = 0.01 },
        new("5 % loss") { Loss = 0.05 },
        new("bursts") { BurstBegins = 0.002 },
        new("reordering") { Jitter = TimeSpan.FromMilliseconds(25) },
    ];

    /// <summary>Share of datagrams, as is <see cref="BurstBegins"/>.</summary>
    public double Loss { get; init; }

    public double BurstBegins { get; init; }

    public TimeSpan Jitter { get; init; }

    public double Kilobits { get; init; } = Wide;

    /// <summary>Rate in the middle of the scenario; null when nothing changes.</summary>
    public double? NarrowsTo { get; init; }

    /// <summary>Neither loses nor reorders.</summary>
    public bool KeepsOrder => Loss == 0 && BurstBegins == 0 && Jitter == TimeSpan.Zero;

    /// <summary>Little enough is lost that asking again brings all of it.</summary>
    public bool IsGentle => Loss <= 0.01 && BurstBegins == 0 && Jitter <= TimeSpan.FromMilliseconds(25) && Kilobits == Wide;

    public SimulatedLink Create() => new() { KilobitsPerSecond = Kilobits, Loss = Loss, BurstBegins = BurstBegins, Jitter = Jitter };

    public override string ToString() => Name;
}
