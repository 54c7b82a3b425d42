using ServiceDefaults;
using SignalingService.Rooms;
using SignalingService.Sessions;

namespace SignalingService.Connections;

/// <summary>Carries out what sessions want done. Every command comes back completed or refused.</summary>
internal sealed partial class CommandRunner(
    SessionTokenValidator tokens, MeetingDirectory meetings, RoomEntrance entrance, PeerCalls peers, ILogger<CommandRunner> logger)
{
    public async Task RunAsync(Command command, IRoomListener listener, HandleAddress address)
    {
        try
        {
            await StartAsync(command, listener, address);
        }
        catch (Exception defect)
        {
            // The one place where anything is caught: a defect may cost this request, not the other sessions' calls.
            LogDefect(defect, command.GetType().Name);
            command.Refuse(new(RoomError.Unknown, "The request failed on the server's side"));
        }
    }

    private Task StartAsync(Command command, IRoomListener listener, HandleAddress address) => command switch
    {
        Authenticate authenticate => AuthenticateAsync(authenticate),
        CheckAccess check => meetings.CheckAsync(check),
        EnterRoom enter => entrance.EnterAsync(enter, listener, address),
        WatchRoom watch => entrance.WatchAsync(watch, listener, address),
        LeaveRoom leave => entrance.LeaveAsync(leave),
        ListRoom list => entrance.ListAsync(list, listener, address),
        PublishPeer publish => peers.PublishAsync(publish),
        SubscribePeer subscribe => peers.SubscribeAsync(subscribe),
        UpdatePeer update => peers.UpdateAsync(update),
        AnswerPeer answer => peers.AnswerAsync(answer),
        ConfigurePeer configure => peers.ConfigureAsync(configure),
        ClosePeer close => peers.CloseAsync(close),
        _ => throw new InvalidOperationException($"Nobody runs {command.GetType().Name}."),
    };

    private async Task AuthenticateAsync(Authenticate command)
    {
        try
        {
            if (await tokens.ValidateAsync(command.Token) is { } identity)
                command.Complete(identity);
            else
                command.Refuse(new(CoreError.Unauthorized, "Unauthorized request (token: missing, wrong or expired)"));
        }
        catch (HttpRequestException problem)
        {
            LogNoKeys(problem.Message);
            command.Refuse(new(CoreError.Unknown, "Tokens cannot be checked now; try again"));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Command} failed unexpectedly")]
    private partial void LogDefect(Exception defect, string command);

    [LoggerMessage(Level = LogLevel.Error, Message = "The keys of session tokens cannot be fetched: {Problem}")]
    private partial void LogNoKeys(string problem);
}
