using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using MediaNode.Control.V1;
using MediaNode.Core.Client;
using MediaNode.Core.Dtls;
using MediaNode.Core.Rtp;
using MediaNode.Transport;
using Microsoft.AspNetCore.Hosting.Server;

namespace MediaNode.Control;

/// <summary>
/// The node asks itself for a room before others can: the libraries behind its control port are loaded and compiled with their first use, which would
/// otherwise cost the first person who joins 100 ms, and the first rooms 15 MB that are none of theirs. <see cref="Rehearsal"/> does the same for media.
/// </summary>
internal sealed class FirstCall(IServer server, NodeState node, ILogger<FirstCall> logger) : IHostedLifecycleService
{
    private const ulong Epoch = 1;
    private const ulong Publisher = 1;
    private const ulong Viewer = 2;

    /// <summary>A few calls take some 200 ms; longer than this only when nobody answers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Code is compiled for good when it was called 30 times; less of that is left for people to wait for with every round.</summary>
    private const int Rounds = 5;

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
            logger.LogInformation("asked itself for a room in {Milliseconds:0} ms", (MonotonicClock.Now - started).TotalMilliseconds);
        }
        catch (RpcException problem)
        {
            // Limits may be lower than what is asked for here. People have to wait a little longer then; that is no reason not to start.
            logger.LogWarning("no room on asking itself at {Address}: {Problem}", channel.Target, problem.Status.Detail);
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
            using var client = new RtcClient(certificate, dtls, new SystemEntropy(), new(IPAddress.Loopback, 9));
            var offer = client.CreateOffer(new(new(new(1), null), new(new Ssrc(2), new Ssrc(3)), [], HasData: false, "first", "first"));
            foreach (var participant in (ulong[])[Publisher, Viewer])
                await control.JoinAsync(new() { Room = room, ParticipantId = participant, InstanceId = instance, Settings = new() }, cancellationToken: cancellationToken);
            await control.PublishAsync(new() { Room = room, ParticipantId = Publisher, PeerId = Publisher, SdpOffer = offer }, cancellationToken: cancellationToken);
            await SubscribeAsync(control, room, cancellationToken);
            await control.ListParticipantsAsync(new() { Room = room }, cancellationToken: cancellationToken);
            await control.CloseRoomAsync(new() { Room = room, Reason = "over" }, cancellationToken: cancellationToken);
            while (await watch.ResponseStream.MoveNext(cancellationToken) && watch.ResponseStream.Current.RoomClosed is null)
            {
                // What happened before the end.
            }
        }
    }

    /// <summary>Nobody publishes yet, which is what the node says: connecting would take an address that the node reaches itself at.</summary>
    private static async Task SubscribeAsync(MediaControl.MediaControlClient control, RoomReference room, CancellationToken cancellationToken)
    {
        try
        {
            await control.SubscribeAsync(
                new() { Room = room, ParticipantId = Viewer, PeerId = Viewer, Streams = { new StreamSelector { PublisherId = Publisher } } }, cancellationToken: cancellationToken);
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.NotFound)
        {
            // As expected.
        }
    }

    private Uri ReachableAddress()
    {
        var bound = ControlEndpoint.BoundAddress(server);
        return new UriBuilder(bound) { Host = bound.Host is "0.0.0.0" or "[::]" ? "localhost" : bound.Host }.Uri;
    }
}
