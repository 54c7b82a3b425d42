namespace MeetingService.Wire;

/// <summary>Why a request is refused, in the form that the API's clients read: <c>{"errors":{"field":["text", …]}}</c>.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Errors">Texts by field; <see cref="Base"/> stands for the request as a whole.</param>
internal sealed record Problem(int Status, IReadOnlyDictionary<string, string[]> Errors) : IResult
{
    public const string Base = "base";

    /// <summary>Clients compare this text to learn that they must open a new session: it must never change.</summary>
    public static readonly Problem NoSession = Whole(StatusCodes.Status401Unauthorized, "Required session does not exist");

    public static readonly Problem NotFound = Whole(StatusCodes.Status404NotFound, "The requested resource was not found");

    public static readonly Problem UserNeeded = Whole(StatusCodes.Status403Forbidden, "This needs the session of a user; the session is the application's alone");

    public static Problem Whole(int status, string text) => new(status, new Dictionary<string, string[]> { [Base] = [text] });

    public static Problem Unauthorized(string text) => Whole(StatusCodes.Status401Unauthorized, text);

    public static Problem Forbidden(string text) => Whole(StatusCodes.Status403Forbidden, text);

    public static Problem Invalid(string field, string rule) =>
        new(StatusCodes.Status422UnprocessableEntity, new Dictionary<string, string[]> { [field] = [rule] });

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = Status;
        return httpContext.Response.WriteAsJsonAsync(new { errors = Errors }, httpContext.RequestAborted);
    }
}
