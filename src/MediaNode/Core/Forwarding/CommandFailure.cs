namespace MediaNode.Core.Forwarding;

public enum CommandFailureKind
{
    /// <summary>The SDP, or another field, is unusable.</summary>
    Invalid,

    /// <summary>No such room, participant, peer or publisher.</summary>
    NotFound,

    /// <summary>The epoch is older than the room's.</summary>
    StaleEpoch,

    /// <summary>The peer id is taken.</summary>
    AlreadyExists,

    /// <summary>A limit of the room, or of one participant in it, is reached.</summary>
    LimitReached,

    /// <summary>The node takes no more; another one may.</summary>
    NodeFull,
}

/// <summary>Why a command was refused, in words for whoever sent it. A refused command has changed nothing.</summary>
public sealed record CommandFailure(CommandFailureKind Kind, string Message)
{
    public static CommandFailure Invalid(string message) => new(CommandFailureKind.Invalid, message);

    public static CommandFailure NotFound(string message) => new(CommandFailureKind.NotFound, message);

    public static CommandFailure LimitReached(string message) => new(CommandFailureKind.LimitReached, message);

    public static CommandFailure NodeFull(string message) => new(CommandFailureKind.NodeFull, message);
}

/// <summary>The outcome of a command: a value, or why there is none.</summary>
public readonly record struct CommandResult<T>(T? Value, CommandFailure? Failure)
{
    public static implicit operator CommandResult<T>(T value) => new(value, null);

    public static implicit operator CommandResult<T>(CommandFailure failure) => new(default, failure);
}
