namespace MediaNode.Core.SimulationTests;

/// <summary>Seeds that every random simulation runs with; a failing one is named in the message and repeats exactly.</summary>
internal static class Seeds
{
    public static TheoryData<int> Three => [.. Enumerable.Range(1, 3)];

    public static TheoryData<int> TwoHundred => [.. Enumerable.Range(1, 200)];
}
