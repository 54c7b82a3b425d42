namespace SignalingService.Sessions;

/// <summary>What a request is refused with: a code of the core or of the plugin, and a text that names the field and the rule.</summary>
internal sealed record Refusal(int Code, string Reason);

/// <summary>Error codes of the Janus core, as its API names them.</summary>
internal static class CoreError
{
    public const int Unauthorized = 403;
    public const int UnknownRequest = 453;
    public const int InvalidJson = 454;
    public const int InvalidObject = 455;
    public const int MissingElement = 456;
    public const int NoSuchSession = 458;
    public const int NoSuchHandle = 459;
    public const int NoSuchPlugin = 460;
    public const int InvalidSdp = 465;
    public const int InvalidElementType = 467;
    public const int Unknown = 490;
}

/// <summary>Error codes of the VideoRoom plugin.</summary>
internal static class RoomError
{
    public const int NoMessage = 421;
    public const int InvalidRequest = 423;
    public const int JoinFirst = 424;
    public const int AlreadyJoined = 425;
    public const int NoSuchRoom = 426;
    public const int NoSuchFeed = 428;
    public const int MissingElement = 429;
    public const int InvalidElement = 430;
    public const int InvalidSdpType = 431;
    public const int RoomFull = 432;
    public const int Unauthorized = 433;
    public const int AlreadyPublished = 434;
    public const int NotPublished = 435;
    public const int InvalidSdp = 437;
    public const int Unknown = 499;
}
