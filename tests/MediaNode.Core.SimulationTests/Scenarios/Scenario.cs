namespace MediaNode.Core.SimulationTests.Scenarios;

internal enum Publishing
{
    Nothing,

    /// <summary>Audio and video in one encoding.</summary>
    Plain,

    /// <summary>Video in three encodings of three temporal layers.</summary>
    Simulcast,
}

internal enum Deed
{
    Leave,

    /// <summary>Joins again, whether or not the person is still there.</summary>
    Return,

    Mute,
    Unmute,

    /// <summary>Another address; the client knows and checks at once.</summary>
    Move,

    /// <summary>Another address, by a NAT that the client knows nothing of.</summary>
    Rebind,

    /// <summary>New senders, with other SSRCs, on the same m-lines; an offer says so.</summary>
    RestartSenders,

    RestartPublishersIce,
    RestartSubscribersIce,

    /// <summary>Other simulcast layers.</summary>
    Wish,

    Pause,
    Resume,

    /// <summary>Those who have begun to publish meanwhile are watched too.</summary>
    WatchMore,
}

/// <param name="User">Who, unique over all rooms.</param>
/// <param name="Room">Where.</param>
/// <param name="Publishes">What.</param>
/// <param name="JoinsAt">Turn.</param>
/// <param name="Up">Path to the node.</param>
/// <param name="Down">Path from the node.</param>
/// <param name="AcceptsRtx">Retransmissions come on a stream of their own.</param>
internal sealed record PersonPlan(ulong User, string Room, Publishing Publishes, int JoinsAt, PathProfile Up, PathProfile Down, bool AcceptsRtx)
{
    public override string ToString() => $"{User} in {Room[^1]}, publishes {Publishes}, from turn {JoinsAt}, up {Up}, down {Down}{(AcceptsRtx ? "" : ", without RTX")}";
}

internal sealed record PlannedDeed(int Turn, ulong User, Deed Deed);

/// <summary>A conference that follows from its seed: who is where, what the paths are like, and who does what when.</summary>
internal sealed record Scenario(int Seed, int Turns, TimeSpan Delay, double Duplication, IReadOnlyList<PersonPlan> People, IReadOnlyList<PlannedDeed> Deeds)
{
    public const int MaximumPeople = 50;

    /// <summary>A third of a picture's time.</summary>
    public static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(11);

    /// <summary>Turns before the end in which nobody does anything: by then all that is left must flow again.</summary>
    public const int CalmTurns = 360;

    /// <summary>One in so many is of fifty people, of which few publish; one in five of those left of a dozen; the others are small.</summary>
    private const int SeedsPerCrowd = 40;

    private const int MaximumPublishersPerRoom = 4;

    public static Scenario FromSeed(int seed)
    {
        var random = new Random(seed);
        var (people, turns) = seed % SeedsPerCrowd == 0 ? (MaximumPeople, 560) : seed % 5 == 0 ? (random.Next(8, 15), 640) : (random.Next(2, 7), 860);
        var rooms = people == MaximumPeople ? random.Next(1, 6) : random.Next(1, 1 + Math.Min(3, people / 2));
        var plans = Enumerable.Range(0, people).Select(index => PlanPerson(index, rooms, people, turns, random)).ToList();
        var deeds = new List<PlannedDeed>();
        for (var count = random.Next(2, 4 + people); count > 0; count--)
        {
            var index = random.Next(people);
            deeds.Add(new(random.Next(100, turns - CalmTurns), plans[index].User, PickDeed(isFirst: index < rooms, random)));
        }
        var delay = TimeSpan.FromMilliseconds(random.Next(2, 60));
        return new(seed, turns, delay, random.Next(3) * 0.01, plans, [.. deeds.OrderBy(deed => deed.Turn)]);
    }

    public override string ToString() =>
        $"seed {Seed}: {People.Count} people, {Turns} turns, delay {Delay.TotalMilliseconds} ms, {Duplication:P0} twice\n"
        + string.Join('\n', People.Select(person =>
            $"{person}{string.Concat(Deeds.Where(deed => deed.User == person.User).Select(deed => $" {deed.Deed}@{deed.Turn}"))}"));

    private static PersonPlan PlanPerson(int index, int rooms, int people, int turns, Random random)
    {
        // The first of each room publish, so that there is something to see.
        var place = index / rooms;
        var publishes = place switch
        {
            0 => random.Next(4) == 0 && people < MaximumPeople ? Publishing.Simulcast : Publishing.Plain,
            < MaximumPublishersPerRoom => random.Next(people == MaximumPeople ? 4 : 2) == 0 ? Publishing.Plain : Publishing.Nothing,
            _ => Publishing.Nothing,
        };
        return new(
            (ulong)(index + 1),
            $"5f3a1c0de1b2c3d4e5f6{index % rooms:D4}",
            publishes,
            random.Next(2) == 0 ? 0 : random.Next((turns - CalmTurns) / 2),
            PathProfile.Uplinks[random.Next(PathProfile.Uplinks.Length)],
            PathProfile.Downlinks[random.Next(PathProfile.Downlinks.Length)],
            random.Next(4) != 0);
    }

    /// <summary>The first of a room comes back at once, so that there is something to see in the end.</summary>
    private static Deed PickDeed(bool isFirst, Random random)
    {
        var deeds = Enum.GetValues<Deed>();
        var deed = deeds[random.Next(deeds.Length)];
        return isFirst && deed == Deed.Leave ? Deed.Return : deed;
    }
}
