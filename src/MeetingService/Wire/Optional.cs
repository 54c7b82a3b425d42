namespace MeetingService.Wire;

/// <summary>A member that a request may leave out, which differs from giving it as null.</summary>
internal readonly record struct Optional<T>(bool IsGiven, T Value)
{
    public static implicit operator Optional<T>(T value) => new(true, value);

    public T Or(T otherwise) => IsGiven ? Value : otherwise;
}
