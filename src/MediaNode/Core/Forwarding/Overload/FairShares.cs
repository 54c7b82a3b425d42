namespace MediaNode.Core.Forwarding.Overload;

/// <summary>Shares what there is so that whoever wants little gets it, and those who want much get the same (max-min fairness).</summary>
internal static class FairShares
{
    /// <param name="demands">What each wants.</param>
    /// <param name="available">What there is for all.</param>
    /// <returns>What nobody may have more of.</returns>
    public static double Level(ReadOnlySpan<double> demands, double available)
    {
        var left = available;
        var open = demands.Length;
        var level = 0.0;
        while (open > 0)
        {
            level = left / open;
            var satisfied = 0;
            var used = 0.0;
            foreach (var demand in demands)
            {
                if (demand <= level)
                {
                    satisfied++;
                    used += demand;
                }
            }
            // Those who are content at this level leave more for the others.
            if (satisfied == demands.Length)
                return double.PositiveInfinity;
            var next = demands.Length - satisfied;
            if (next == open)
                return level;
            (open, left) = (next, available - used);
        }
        return level;
    }
}
