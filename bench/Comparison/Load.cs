namespace Comparison;

/// <summary>What the generator is told to do.</summary>
internal sealed record Load(string Name, string[] Arguments)
{
    /// <summary>Two seconds between joins would be kinder, this is a room that fills within two.</summary>
    private const string CalmJoins = "--join-rate 4";
    private const string QuickJoins = "--join-rate 40";

    /// <summary>Hundreds of people: signalling has half a core for their joining, which is not what is to be found out.</summary>
    private const string ManyJoins = "--join-rate 15";

    public static Load Room(int people, bool single, bool calm = false) =>
        new($"1 room x {people}{(single ? ", single" : "")}", Shell.Words($"--people {people} --subscriptions {(single ? "single" : "per-publisher")} {(calm ? CalmJoins : QuickJoins)}"));

    public static Load Rooms(int rooms, int people) => new($"{rooms} rooms x {people}", Shell.Words($"--rooms {rooms} --people {people} --subscriptions per-publisher {QuickJoins}"));

    public static Load Viewers(int viewers) => new($"1 to {viewers} viewers", Shell.Words($"--viewers {viewers} {QuickJoins}"));

    public static Load AudioRooms(int rooms) => new($"audio, {rooms} rooms x 4", Shell.Words($"--rooms {rooms} --people 4 --audio-only {ManyJoins}"));

    /// <summary>Small pictures in several rooms, one person after the other: joining is measured, not the load.</summary>
    public static Load JoinRooms(int rooms, int people) =>
        new($"joins, {rooms} rooms x {people}", Shell.Words($"--rooms {rooms} --people {people} --bitrate 100000 {CalmJoins}"));

    public static Load JoinViewers(int viewers) => new($"joins, {viewers} viewers", Shell.Words($"--viewers {viewers} {CalmJoins}"));

    /// <summary>
    /// The generator decrypts one packet of eight, and ticks the others off by their sequence numbers: it has one core for what would take all receivers'
    /// machines, and the server's end is to be found, not the generator's.
    /// </summary>
    public Load Sampled() => this with { Arguments = [.. Arguments, .. Shell.Words($"--verify-every 8")] };

    public override string ToString() => Name;
}
