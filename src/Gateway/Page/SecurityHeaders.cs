namespace Gateway.Page;

/// <summary>What a browser must hold the page to.</summary>
internal static class SecurityHeaders
{
    /// <summary>Own files only; <c>'self'</c> covers the WebSockets of the same host too (CSP level 3). Media comes as objects, not by address.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; font-src 'self'; "
        + "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string PermissionsPolicy = "camera=(self), microphone=(self), display-capture=(self), geolocation=()";

    public static void Add(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Permissions-Policy"] = PermissionsPolicy;
        // The address of a meeting is an invitation: other sites must not learn it.
        headers["Referrer-Policy"] = "no-referrer";
    }
}
