namespace LoadGenerator.Measuring;

/// <summary>The beginning or the end of a measurement.</summary>
internal sealed record Moment(Snapshot Counters, KernelFigures Kernel);
