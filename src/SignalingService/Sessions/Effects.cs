using System.Diagnostics.CodeAnalysis;

namespace SignalingService.Sessions;

/// <summary>Which handle of a connection something is for.</summary>
internal readonly record struct HandleAddress(ulong SessionId, ulong HandleId);

/// <summary>What is to be done after an input, in this order.</summary>
internal abstract record Effect;

internal sealed record SendToClient(ServerMessage Message) : Effect;

/// <param name="Cause">The message on whose behalf it runs, if there is one.</param>
/// <param name="Awaited">The session waits: hand the command back. Otherwise nobody looks at its outcome.</param>
internal sealed record RunCommand(HandleAddress Address, Command Command, ClientMessage? Cause, bool Awaited) : Effect;

/// <summary>A message has been dealt with.</summary>
/// <param name="ErrorCode">Null for success.</param>
internal sealed record MessageHandled(ClientMessage Message, int? ErrorCode) : Effect;

/// <summary>More is waiting than a session may hold: the connection is to be closed.</summary>
internal sealed record CloseConnection(string Reason) : Effect;

internal sealed class Effects
{
    private readonly Queue<Effect> _queue = new();

    public void Add(Effect effect) => _queue.Enqueue(effect);

    public void Send(ServerMessage message) => Add(new SendToClient(message));

    public bool TryTake([NotNullWhen(true)] out Effect? effect) => _queue.TryDequeue(out effect);
}
