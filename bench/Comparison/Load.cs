namespace Comparison;

/// <summary>What the generator is told to do.</summary>
internal sealed record Load(string Name, string[] Arguments)
{
    /// <summary>Two seconds between joins would be kinder, this is a room that fills within two.</summary>
    private const string CalmJoins = "--join-rate 4";
    private const string QuickJoins = "--join-rate 40";

    public static Load Room(int people, bool single, bool calm = false) =>
        new($"1 room x {people}{(single ? ", single" : "")}", Shell.Words($"--people {people} --subscriptions {(single ? "single" : "per-publisher")} {(calm ? CalmJoins : QuickJoins)}"));

    public static Load Rooms(int rooms, int people) => new($"{rooms} rooms x {people}", Shell.Words($"--rooms {rooms} --people {people} --subscriptions per-publisher {QuickJoins}"));

    public static Load Viewers(int viewers) => new($"1 to {viewers} viewers", Shell.Words($"--viewers {viewers} {QuickJoins}"));

    public static Load AudioRooms(int rooms) => new($"audio, {rooms} rooms x 4", Shell.Words($"--rooms {rooms} --people 4 --audio-only {QuickJoins}"));

    /// <summary>
    /// The generator decrypts one packet of eight, and ticks the others off by their sequence numbers: it has one core for what would take all receivers'
    /// machines, and the server's end is to be found, not the generator's.
    /// </summary>
    public Load Sampled() => this with { Arguments = [.. Arguments, .. Shell.Words($"--verify-every 8")] };

    public override string ToString() => Name;
}
