namespace MediaNode.Core.Stun;

/// <summary>Error codes that an ICE agent sends (RFC 8489 section 14.8, RFC 8445 section 7.3.1.1).</summary>
public static class StunErrorCode
{
    public const int BadRequest = 400;
    public const int Unauthenticated = 401;

    /// <summary>RFC 7675 section 5.2: no consent any more.</summary>
    public const int Forbidden = 403;
    public const int UnknownAttribute = 420;
    public const int RoleConflict = 487;

    public static ReadOnlySpan<byte> Reason(int code) => code switch
    {
        BadRequest => "Bad Request"u8,
        Unauthenticated => "Unauthenticated"u8,
        Forbidden => "Forbidden"u8,
        UnknownAttribute => "Unknown Attribute"u8,
        RoleConflict => "Role Conflict"u8,
        _ => "Error"u8,
    };
}
