using System.Net.WebSockets;
using ServiceDefaults;
using SignalingService.Connections;

namespace SignalingService.SystemMessages;

/// <summary>One WebSocket of the system message channel: first who it is, then messages in both directions.</summary>
internal sealed class SystemMessageConnection(
    WebSocket socket,
    SystemMessageOptions options,
    SessionTokenValidator tokens,
    UserConnections users,
    SystemMessageSender sender,
    SignalingTelemetry telemetry,
    TimeProvider time)
{
    /// <summary>The largest message with room for its JSON.</summary>
    private const int MaximumFrameBytes = 64 * 1024;

    /// <summary>In the range that applications may define (RFC 6455 section 7.4.2).</summary>
    private static readonly Ending Unauthorized = new((WebSocketCloseStatus)4401, "unauthorized", "authenticate first");
    private static readonly Ending Displaced = new(WebSocketCloseStatus.PolicyViolation, "displaced", "too many connections of one user");

    private readonly WebSocketConversation _conversation = new(socket, MaximumFrameBytes);
    private readonly TokenBucket _pace = new(options.RequestsPerSecond, options.RequestBurst);
    private SessionIdentity? _identity;

    public Ending? Ending => _conversation.Ending;

    public async Task RunAsync(CancellationToken stopping)
    {
        await using var timer = time.CreateTimer(
            _ => RefuseUnlessAuthenticated(), null, options.AuthenticationTimeout, Timeout.InfiniteTimeSpan);
        await _conversation.RunAsync(HandleAsync, stopping);
        if (_identity is { } identity)
            users.Remove(identity.ApplicationId, identity.UserId, this);
    }

    /// <param name="frame">Ready to be sent; shared with other connections.</param>
    public void Deliver(byte[] frame) => _conversation.Send(frame);

    private async ValueTask HandleAsync(ReadOnlyMemory<byte> frame)
    {
        var request = ClientRequestReader.Read(frame);
        if (!_pace.TryTake(time.GetElapsedTime(0)))
            Reply(ServerReply.Error(StatusCodes.Status429TooManyRequests, $"At most {options.RequestsPerSecond} requests per second", (request as SendRequest)?.Id));
        else
            await HandleAsync(request);
    }

    private async ValueTask HandleAsync(ClientRequest request)
    {
        switch (request)
        {
            case UnreadableRequest unreadable:
                Reply(ServerReply.Error(StatusCodes.Status400BadRequest, unreadable.Reason, unreadable.Id));
                break;
            case AuthenticateRequest authenticate:
                await AuthenticateAsync(authenticate);
                break;
            case PingRequest:
                Reply(new("pong"));
                break;
            case SendRequest send when _identity is { } identity:
                await SendAsync(identity, send);
                break;
            default:
                Refuse("authenticate first", null);
                break;
        }
    }

    private async Task AuthenticateAsync(AuthenticateRequest request)
    {
        SessionIdentity? identity;
        try
        {
            identity = await tokens.ValidateAsync(request.Token);
        }
        catch (HttpRequestException)
        {
            Reply(ServerReply.Error(StatusCodes.Status503ServiceUnavailable, "Tokens cannot be checked now; try again") with { Transaction = request.Transaction });
            return;
        }
        if (identity is not { UserId: > 0 } || _identity is { } known && (known.UserId, known.ApplicationId) != (identity.UserId, identity.ApplicationId))
        {
            Refuse("token: must be valid and of a user, always the same one", request.Transaction);
            return;
        }
        if (_identity is null && users.Add(identity.ApplicationId, identity.UserId, this) is { } oldest)
            oldest._conversation.End(Displaced);
        _identity = identity;
        Reply(new("authenticated") { UserId = identity.UserId, Transaction = request.Transaction });
    }

    private async Task SendAsync(SessionIdentity identity, SendRequest request)
    {
        var id = request.Id ?? Guid.NewGuid().ToString("N");
        if (await sender.TrySendAsync(identity, id, request))
        {
            telemetry.SystemMessage("sent");
            Reply(new("sent") { Id = id });
            return;
        }
        telemetry.SystemMessage("not-sent");
        Reply(ServerReply.Error(StatusCodes.Status503ServiceUnavailable, "Messages cannot be delivered now; send it again with the same id", id));
    }

    private void RefuseUnlessAuthenticated()
    {
        if (_identity is null)
            Refuse($"not authenticated within {options.AuthenticationTimeout.TotalSeconds:0} s", null);
    }

    private void Refuse(string reason, string? transaction)
    {
        Reply(ServerReply.Error(StatusCodes.Status401Unauthorized, reason) with { Transaction = transaction });
        _conversation.End(Unauthorized);
    }

    private void Reply(ServerReply reply) => _conversation.Send(reply.ToUtf8());
}
