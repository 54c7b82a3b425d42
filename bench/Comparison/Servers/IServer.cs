namespace Comparison.Servers;

/// <summary>A server under measurement.</summary>
internal interface IServer : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The process that forwards media.</summary>
    int ProcessId { get; }

    /// <summary>How the load generator reaches it.</summary>
    IReadOnlyList<string> GeneratorArguments { get; }

    /// <summary>Which of the server's processes have core 0: the one that forwards media, or all of them. The generator always has core 1.</summary>
    Task PlaceAsync(bool allOnItsCore);

    /// <summary>A fresh process in the place of the old one: memory that an earlier load left would hide what the next one needs.</summary>
    Task RestartAsync();
}
