namespace SignalingService.Rooms;

/// <summary>This process among its like; a restarted one is another instance, because its connections are gone.</summary>
internal sealed record SignalingInstance(string Id)
{
    public static SignalingInstance Create() => new($"{Environment.MachineName.ToLowerInvariant()}-{Guid.NewGuid():N}");
}
