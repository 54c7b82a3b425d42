namespace SignalingService.Sessions;

/// <summary>The handling of one client message: gives every reply its session, handle and transaction.</summary>
internal sealed class Turn(ClientMessage message, Effects effects)
{
    private int? _errorCode;

    public ClientMessage Message { get; } = message;

    public void Ack() => effects.Send(Core("ack"));

    public void Success(ulong? madeId = null, bool withSession = true) =>
        effects.Send(Core("success") with { SessionId = withSession ? Message.SessionId : null, Data = madeId is { } id ? new(id) : null });

    public void Event(VideoRoomData data, SessionDescription? jsep = null) =>
        effects.Send(Core("event") with { Sender = Message.HandleId, Plugin = new(VideoRoom.Plugin, data), Jsep = jsep });

    /// <summary>The answer in the reply itself, as to "listparticipants".</summary>
    public void Direct(VideoRoomData data) =>
        effects.Send(Core("success") with { Sender = Message.HandleId, Plugin = new(VideoRoom.Plugin, data) });

    public void Send(ServerMessage reply) => effects.Send(reply with { Transaction = Message.Transaction });

    /// <summary>Refuses the message as the core does.</summary>
    public void Error(int code, string reason)
    {
        _errorCode = code;
        effects.Send(Core("error") with { Error = new(code, reason) });
    }

    /// <summary>Refuses the request in the way that its sender can hear.</summary>
    public void Fail(int code, string reason)
    {
        _errorCode = code;
        var data = new VideoRoomData("event") { ErrorCode = code, Error = reason };
        switch (Message.Request!.Style)
        {
            case ReplyStyle.Entry:
                Error(code, reason);
                break;
            case ReplyStyle.Direct:
                Direct(data);
                break;
            default:
                Event(data);
                break;
        }
    }

    public void Fail(Refusal refusal) => Fail(refusal.Code, refusal.Reason);

    public void Finish() => effects.Add(new MessageHandled(Message, _errorCode));

    private ServerMessage Core(string kind) => new(kind) { SessionId = Message.SessionId, Transaction = Message.Transaction };
}
