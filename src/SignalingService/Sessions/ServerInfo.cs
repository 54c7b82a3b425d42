namespace SignalingService.Sessions;

/// <summary>The answer to "info".</summary>
internal static class ServerInfo
{
    private static readonly string Version = typeof(ServerInfo).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static ServerMessage Of(SessionLimits limits) => new("server_info")
    {
        Name = "Platform Signaling",
        VersionString = Version,
        SessionTimeout = (int)limits.SessionTimeout.TotalSeconds,
        Plugins = new Dictionary<string, PluginInfo> { [VideoRoom.Plugin] = new("VideoRoom", Version) },
    };
}
