using JasperFx;
using Npgsql;

namespace MeetingService.Storage;

internal static class PostgresErrors
{
    /// <summary>Marten wraps what PostgreSQL says in exceptions of its own, differently by operation.</summary>
    public static bool IsUniqueViolation(this Exception exception) =>
        exception is DocumentAlreadyExistsException or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } || exception.InnerException?.IsUniqueViolation() == true;
}
