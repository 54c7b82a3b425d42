using Comparison.Servers;
using LoadGenerator.Measuring;

namespace Comparison;

/// <summary>All rows of the table, both servers in alternation.</summary>
internal sealed class Measurements(ComparisonOptions options, Generator generator, IServer ours, IServer theirs)
{
    private const int RoomSize = 6;
    private const int ViewerCount = 30;
    private const int ManyViewerCount = 200;
    private const int AudioRoomCount = 5;

    private const int JoinRoomCount = 3;
    private const int JoinViewerCount = 40;

    /// <summary>How many times the packets of its own largest load a server is given, to see what is left of it.</summary>
    private const double Overload = 1.3;

    private readonly ReportTable _table = new(ours.Name, theirs.Name);

    /// <summary>Markdown, with what was measured so far.</summary>
    public string Table => _table.ToString();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await AddMemoryAsync("memory per participant, room of 6", Load.Rooms(1, RoomSize), cancellationToken);
        await AddMemoryOfFurtherAsync("memory per participant of further rooms of 6", Load.Rooms(1, RoomSize), Load.Rooms(3, RoomSize), 2 * RoomSize, cancellationToken);
        await AddMemoryAsync("memory per viewer, 30 viewers", Load.Viewers(ViewerCount), cancellationToken);
        await AddMemoryAsync("memory per viewer, 200 viewers", Load.Viewers(ManyViewerCount), cancellationToken);
        await AddCostAsync("CPU per packet, 1 room x 6, a PeerConnection per subscription", Load.Room(RoomSize, single: false, calm: true), cancellationToken);
        await AddCostAsync("CPU per packet, 1 room x 6, a PeerConnection per subscriber", Load.Room(RoomSize, single: true, calm: true), cancellationToken);
        await AddCostAsync("CPU per packet, 1 to 30 viewers", Load.Viewers(ViewerCount), cancellationToken);
        await AddCostAsync("CPU per packet, audio, 5 rooms x 4", Load.AudioRooms(AudioRoomCount), cancellationToken);
        await AddJoinsAsync("room of 6", Load.JoinRooms(JoinRoomCount, RoomSize), cancellationToken);
        await AddJoinsAsync("viewer", Load.JoinViewers(JoinViewerCount), cancellationToken);
        foreach (var shape in options.SkipLargest ? [] : Shape.All)
            await AddLargestAsync(shape, cancellationToken);
    }

    private bool IsWanted(string name) => name.Contains(options.Only, StringComparison.OrdinalIgnoreCase);

    private async Task AddMemoryAsync(string name, Load load, CancellationToken cancellationToken)
    {
        if (!IsWanted(name))
            return;
        await ours.RestartAsync();
        await theirs.RestartAsync();
        var our = await generator.RunAsync(ours, load, cancellationToken);
        var their = await generator.RunAsync(theirs, load, cancellationToken);
        _table.Add(name, our?.Server!.MemoryBytesPerParticipant / 1e6, their?.Server!.MemoryBytesPerParticipant / 1e6, "0.00 MB");
    }

    /// <summary>What is added when the first room has paid for what all share.</summary>
    private async Task AddMemoryOfFurtherAsync(string name, Load few, Load many, int added, CancellationToken cancellationToken)
    {
        if (!IsWanted(name))
            return;
        List<double?> figures = [];
        foreach (var server in (IServer[])[ours, theirs])
        {
            await server.RestartAsync();
            var before = await generator.RunAsync(server, few, cancellationToken);
            await server.RestartAsync();
            var after = await generator.RunAsync(server, many, cancellationToken);
            figures.Add((after?.Server!.MemoryBytes - before?.Server!.MemoryBytes) / 1e6 / added);
        }
        _table.Add(name, figures[0], figures[1], "0.00 MB");
    }

    private async Task AddCostAsync(string name, Load load, CancellationToken cancellationToken)
    {
        if (!IsWanted(name))
            return;
        var (our, their) = await RepeatAsync(load, cancellationToken);
        _table.Add(name, Median(our, Cost), Median(their, Cost), "0.00 us");

        static double Cost(RunResult result) => result.Server!.MicrosecondsPerPacket;
    }

    private async Task AddJoinsAsync(string name, Load load, CancellationToken cancellationToken)
    {
        if (!IsWanted($"join, {name}"))
            return;
        // Every process of the platform has a part in a join, as all of Janus has: each server has its core, and the generator its own.
        await ours.PlaceAsync(allOnItsCore: true);
        await theirs.PlaceAsync(allOnItsCore: true);
        var (our, their) = await RepeatAsync(load, cancellationToken);
        await ours.PlaceAsync(allOnItsCore: false);
        await theirs.PlaceAsync(allOnItsCore: false);
        _table.Add($"join, {name}: connection to first packet, p50", Median(our, Packet), Median(their, Packet), "0.0 ms");
        _table.Add($"join, {name}: connection to first key frame, p50", Median(our, KeyFrame), Median(their, KeyFrame), "0.0 ms");

        static double Packet(RunResult result) => result.JoinToFirstPacket.P50;
        static double KeyFrame(RunResult result) => result.JoinToFirstKeyFrame.P50;
    }

    /// <summary>Both servers in turn. The first run of each is not counted: code that is used for the first time is compiled beside it.</summary>
    private async Task<(List<RunResult?> Our, List<RunResult?> Their)> RepeatAsync(Load load, CancellationToken cancellationToken)
    {
        List<RunResult?> our = [], their = [];
        for (var i = 0; i <= options.Repeat; i++)
        {
            our.Add(await generator.RunAsync(ours, load, cancellationToken));
            their.Add(await generator.RunAsync(theirs, load, cancellationToken));
        }
        return (our[1..], their[1..]);
    }

    private async Task AddLargestAsync(Shape shape, CancellationToken cancellationToken)
    {
        var latency = $"latency p99 at Janus' largest load, {shape.Name}";
        var isWanted = IsWanted($"largest load, {shape.Name}");
        if (!isWanted && !IsWanted(latency))
            return;
        var their = await LargestLoad.FindAsync(generator, theirs, shape, options.Precision, cancellationToken);
        if (isWanted)
            await AddLargestAsync(shape, their, cancellationToken);
        if (IsWanted(latency) && their.Size > 0)
        {
            var (our, same) = await RepeatAsync(shape.Of(their.Size), cancellationToken);
            _table.Add(latency, Median(our, result => result.Latency.P99), Median(same, result => result.Latency.P99), "0.0 ms");
        }
    }

    private async Task AddLargestAsync(Shape shape, LargestLoad their, CancellationToken cancellationToken)
    {
        var our = await LargestLoad.FindAsync(generator, ours, shape, options.Precision, cancellationToken);
        _table.Add($"largest load, {shape.Name}: {shape.Unit}", our.Size, their.Size, "0", moreIsBetter: true, Note(our), Note(their));
        _table.Add(
            $"largest load, {shape.Name}: packets/s", our.Result?.Delivery.PacketsOutPerSecond, their.Result?.Delivery.PacketsOutPerSecond, "0", moreIsBetter: true, Note(our), Note(their));
        _table.Add(
            $"CPU per packet at the largest load, {shape.Name}", our.Result?.Server!.MicrosecondsPerPacket, their.Result?.Server!.MicrosecondsPerPacket, "0.00 us", ourNote: Note(our), theirNote: Note(their));
        var ourRest = await OverloadAsync(ours, shape, our, cancellationToken);
        var theirRest = await OverloadAsync(theirs, shape, their, cancellationToken);
        _table.Add($"delivered at 1.3 x the packets of its own largest load, {shape.Name}", ourRest, theirRest, "0.0 '%'", moreIsBetter: true);
    }

    /// <returns>Percent of the expected packets; null when there is no largest load or nobody could join.</returns>
    private async Task<double?> OverloadAsync(IServer server, Shape shape, LargestLoad largest, CancellationToken cancellationToken)
    {
        if (largest.Size == 0)
            return null;
        var result = await generator.RunAsync(server, shape.Of(shape.Beyond(largest.Size, Overload)), cancellationToken);
        // Subscriptions that never came about count as nothing delivered, as those do that got nothing; what overload left is not to weigh on what comes next.
        await server.RestartAsync();
        return result is null ? null : (100 - result.Delivery.LossPercent) * result.Load.Agreed / result.Load.Subscriptions;
    }

    private static string Note(LargestLoad largest) => largest.IsBoundedByGenerator ? " or more (the generator's limit)" : "";

    private static double? Median(List<RunResult?> results, Func<RunResult, double> figure)
    {
        var values = results.OfType<RunResult>().Select(figure).Order().ToList();
        return values.Count == 0 ? null : values[values.Count / 2];
    }
}
