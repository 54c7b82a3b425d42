namespace Comparison;

/// <summary>A kind of load with one size that can grow.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Unit">Of the size.</param>
/// <param name="First">Where the search begins.</param>
/// <param name="Factor">From one step of the search to the next, until a load is too large.</param>
/// <param name="Degree">The packets grow with this power of the size: in a room where everybody receives everybody, with the square.</param>
/// <param name="Of">The load of a size.</param>
internal sealed record Shape(string Name, string Unit, int First, double Factor, int Degree, Func<int, Load> Of)
{
    public static readonly IReadOnlyList<Shape> All =
    [
        new("1 room, a PeerConnection per subscription", "people", 6, 1.4, 2, people => Load.Room(people, single: false).Sampled()),
        new("1 room, a PeerConnection per subscriber", "people", 6, 1.4, 2, people => Load.Room(people, single: true).Sampled()),
        new("1 publisher to viewers", "viewers", 40, 2, 1, viewers => Load.Viewers(viewers).Sampled()),
        new("audio rooms of 4", "rooms", 10, 2, 1, rooms => Load.AudioRooms(rooms).Sampled()),
    ];

    /// <summary>The size with so many times the packets.</summary>
    public int Beyond(int size, double times) => (int)Math.Ceiling(size * Math.Pow(times, 1.0 / Degree));

    public int Next(int size) => Math.Max(size + 1, (int)(size * Factor));
}
