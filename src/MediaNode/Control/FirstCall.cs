using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using MediaNode.Control.V1;
using MediaNode.Core.Client;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Transport;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Options;

namespace MediaNode.Control;

/// <summary>
/// The node calls itself before others can, by its control port and its sockets: the libraries behind them are loaded and compiled with their first use,
/// which would otherwise cost the first person who joins 100 ms, and the first rooms 15 MB that are none of theirs. <see cref="Rehearsal"/> does the same
/// for what a call does within the engine.
/// </summary>
internal sealed class FirstCall(IServer server, NodeState node, WorkerPool workers, IOptions<NodeOptions> options, ILogger<FirstCall> logger) : IHostedLifecycleService
{
    private const ulong Epoch = 1;
    private const ulong Publisher = 1;
    private const ulong Viewer = 2;

    private static readonly Ssrc Video = new(2);

    /// <summary>All calls take about a second; longer than this only when nobody answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Code is compiled for good when it was called 30 times. The first round takes half of the time.</summary>
    private const int Rounds = 30;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The server listens, and nobody was told where.</summary>
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var started = MonotonicClock.Now;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        // A proxy for the network outside knows nothing of this port.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var channel = GrpcChannel.ForAddress(ReachableAddress(), new() { HttpHandler = handler });
        try
        {
            await CallAsync(new(channel), patience.Token);
            logger.LogInformation("called itself in {Milliseconds:0} ms", (MonotonicClock.Now - started).TotalMilliseconds);
        }
        catch (Exception problem) when (problem is RpcException or SocketException || (problem is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Limits may be lower than what is asked for here, or datagrams to this machine's own address filtered. The first people have to wait a little longer
            // then; that is no reason not to start.
            logger.LogWarning("no call on calling itself at {Address}: {Problem}", channel.Target, (problem as RpcException)?.Status.Detail ?? problem.Message);
        }
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CallAsync(MediaControl.MediaControlClient control, CancellationToken cancellationToken)
    {
        var instance = $"first-call-{node.NodeId}";
        using var watch = control.Watch(new() { InstanceId = instance }, cancellationToken: cancellationToken);
        await watch.ResponseStream.MoveNext(cancellationToken);
        using var certificate = DtlsCertificate.CreateSelfSigned();
        using var dtls = new DtlsContext(certificate);
        for (var round = 0; round < Rounds; round++)
        {
            // A room of its own each time: the one before is forgotten a moment after it was closed.
            var room = new RoomReference { RoomId = $"{instance}-{round}", Epoch = Epoch };
            foreach (var participant in (ulong[])[Publisher, Viewer])
                await control.JoinAsync(new() { Room = room, ParticipantId = participant, InstanceId = instance, Settings = new() }, cancellationToken: cancellationToken);
            var worker = MediaAddress(room.RoomId);
            using var publisher = new FirstCaller(certificate, dtls, worker);
            using var viewer = new FirstCaller(certificate, dtls, worker);
            await PublishAsync(control, room, publisher.Client, cancellationToken);
            await publisher.UntilAsync(() => publisher.Client.IsConnected, cancellationToken);
            await WatchAsync(control, room, viewer.Client, cancellationToken);
            await viewer.UntilAsync(() => viewer.Client.IsConnected, cancellationToken);
            await publisher.SendPictureAsync(Video, cancellationToken);
            await viewer.UntilAsync(() => viewer.Client.TryTakePacket(out _), cancellationToken);
            await control.ListParticipantsAsync(new() { Room = room }, cancellationToken: cancellationToken);
            await control.CloseRoomAsync(new() { Room = room, Reason = "over" }, cancellationToken: cancellationToken);
            while (await watch.ResponseStream.MoveNext(cancellationToken) && watch.ResponseStream.Current.RoomClosed is null)
            {
                // What happened before the end.
            }
        }
    }

    private static async Task PublishAsync(MediaControl.MediaControlClient control, RoomReference room, RtcClient client, CancellationToken cancellationToken)
    {
        var offer = client.CreateOffer(new(new(new(1), null), new(Video, new Ssrc(3)), [], HasData: false, "first", "first"));
        var published = await control.PublishAsync(
            new() { Room = room, ParticipantId = Publisher, PeerId = Publisher, SdpOffer = offer }, cancellationToken: cancellationToken);
        client.AcceptAnswer(published.SdpAnswer, MonotonicClock.Now);
    }

    private static async Task WatchAsync(MediaControl.MediaControlClient control, RoomReference room, RtcClient client, CancellationToken cancellationToken)
    {
        var subscribed = await control.SubscribeAsync(
            new() { Room = room, ParticipantId = Viewer, PeerId = Viewer, Streams = { new StreamSelector { PublisherId = Publisher } } }, cancellationToken: cancellationToken);
        var answer = client.AnswerOffer(subscribed.SdpOffer, MonotonicClock.Now);
        await control.AnswerAsync(new() { Room = room, PeerId = Viewer, SdpAnswer = answer }, cancellationToken: cancellationToken);
    }

    /// <summary>Where this machine reaches the worker that has the room.</summary>
    private IPEndPoint MediaAddress(string roomId)
    {
        var listens = options.Value.ListenAddress.Length > 0 ? IPAddress.Parse(options.Value.ListenAddress) : IPAddress.Any;
        var reached = listens.Equals(IPAddress.Any) ? IPAddress.Loopback : listens.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : listens;
        return new(reached, workers.Find(roomId)!.LocalPort);
    }

    private Uri ReachableAddress()
    {
        var bound = ControlEndpoint.BoundAddress(server);
        return new UriBuilder(bound) { Host = bound.Host is "0.0.0.0" or "[::]" ? "localhost" : bound.Host }.Uri;
    }
}
