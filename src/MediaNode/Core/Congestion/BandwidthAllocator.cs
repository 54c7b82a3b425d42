using MediaNode.Core.Rtp;

namespace MediaNode.Core.Congestion;

/// <summary>What a video is to its viewer, the most important first.</summary>
internal enum VideoPriority : byte
{
    /// <summary>Text has to be readable.</summary>
    Screen,

    /// <summary>Who talks.</summary>
    Speaker,

    Other,
}

/// <summary>One video that a subscriber wants, and what it gets of it.</summary>
internal struct VideoDemand
{
    public VideoPriority Priority;

    /// <summary>Its options, cheapest first, in the list of all: where they begin and how many there are.</summary>
    public int FirstOption;
    public int Options;

    /// <summary>What it gets now: an index into its options, -1 for nothing. Changed to what it shall get.</summary>
    public int Chosen;
}

/// <summary>
/// Shares what is left after audio among the videos of one subscriber. Everybody is seen before anybody is seen well: first each gets its
/// cheapest option, by priority; then screens and speakers get the best that fits; then the others, the one with the least first.
/// </summary>
internal static class BandwidthAllocator
{
    /// <summary>What is not there yet has to fit with so much to spare, or it would flap with every breath of the estimate.</summary>
    public const double Headroom = 1.1;

    /// <summary>What is there may cost a little more than the estimate: bitrates breathe too.</summary>
    private const double Tolerance = 0.97;

    /// <param name="available">After audio.</param>
    /// <param name="demands">Their <see cref="VideoDemand.Chosen"/> is read and written.</param>
    /// <param name="options">Bitrates of all options.</param>
    /// <param name="before">Room for the choices before; as long as <paramref name="demands"/>.</param>
    public static void Share(Bitrate available, Span<VideoDemand> demands, ReadOnlySpan<Bitrate> options, Span<int> before)
    {
        for (var i = 0; i < demands.Length; i++)
        {
            before[i] = demands[i].Chosen;
            demands[i].Chosen = -1;
        }
        double left = available.BitsPerSecond;
        for (var priority = VideoPriority.Screen; priority <= VideoPriority.Other; priority++)
        {
            for (var i = 0; i < demands.Length; i++)
            {
                if (demands[i].Priority == priority && demands[i].Options > 0)
                    TryRaise(ref demands[i], before[i], options, ref left);
            }
        }
        for (var priority = VideoPriority.Screen; priority < VideoPriority.Other; priority++)
        {
            for (var i = 0; i < demands.Length; i++)
            {
                if (demands[i].Priority != priority || demands[i].Chosen < 0)
                    continue;
                while (TryRaise(ref demands[i], before[i], options, ref left))
                {
                }
            }
        }
        RaiseOthers(demands, options, before, ref left);
    }

    /// <summary>One step for the one that has least, until nobody's next step fits. Ends: each turn takes a step, or drops out one.</summary>
    private static void RaiseOthers(Span<VideoDemand> demands, ReadOnlySpan<Bitrate> options, ReadOnlySpan<int> before, ref double left)
    {
        while (true)
        {
            var best = -1;
            for (var i = 0; i < demands.Length; i++)
            {
                ref readonly var demand = ref demands[i];
                if (demand.Priority != VideoPriority.Other || demand.Chosen < 0 || demand.Chosen + 1 >= demand.Options || StepCost(demand, before[i], options) > left)
                    continue;
                if (best < 0 || Cost(demand, demand.Chosen, before[i], options) < Cost(demands[best], demands[best].Chosen, before[best], options))
                    best = i;
            }
            if (best < 0)
                return;
            TryRaise(ref demands[best], before[best], options, ref left);
        }
    }

    private static bool TryRaise(ref VideoDemand demand, int before, ReadOnlySpan<Bitrate> options, ref double left)
    {
        if (demand.Chosen + 1 >= demand.Options)
            return false;
        var cost = StepCost(demand, before, options);
        if (cost > left)
            return false;
        demand.Chosen++;
        left -= cost;
        return true;
    }

    private static double StepCost(in VideoDemand demand, int before, ReadOnlySpan<Bitrate> options) =>
        Cost(demand, demand.Chosen + 1, before, options) - Cost(demand, demand.Chosen, before, options);

    private static double Cost(in VideoDemand demand, int option, int before, ReadOnlySpan<Bitrate> options) =>
        option < 0 ? 0 : options[demand.FirstOption + option].BitsPerSecond * (option > before ? Headroom : Tolerance);
}
