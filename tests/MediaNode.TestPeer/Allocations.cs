namespace MediaNode.TestPeer;

/// <summary>Bytes that work allocates on the thread that does it.</summary>
public static class Allocations
{
    private const int Rounds = 4;

    /// <summary>
    /// The least of four rounds of the same work. Work that allocates does so in each; the runtime, which puts objects of its own on whatever thread comes by
    /// (552 bytes in one of some hundred runs of a loop that allocates nothing), does not do it again and again.
    /// </summary>
    /// <param name="round">One round, given its number, from 0. It has been done before, so that all of it is compiled and as large as it gets.</param>
    public static long Of(Action<int> round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round(i);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    /// <summary>As <see cref="Of(Action{int})"/>, where work can not be done twice: each round does a quarter of it.</summary>
    /// <param name="from">The first item.</param>
    /// <param name="to">The one after the last.</param>
    /// <param name="work">What is done with an item.</param>
    public static long OfEach(int from, int to, Action<int> work) => Of(round =>
    {
        var end = from + (to - from) * (round + 1) / Rounds;
        for (var i = from + (to - from) * round / Rounds; i < end; i++)
            work(i);
    });
}
