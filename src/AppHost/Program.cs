using System.Net.Sockets;
using Microsoft.Extensions.Configuration;

// The platform on one machine. The names are what services find one another by: http://meetings, http://signaling.
var builder = DistributedApplication.CreateBuilder(args);

var applicationId = builder.AddParameter("application-id", "1001", publishValueAsDefault: true);
var applicationKey = builder.AddParameter("application-key", new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("platform");
var messaging = builder.AddRabbitMQ("messaging").WithDataVolume();

var meetings = builder.AddProject<Projects.MeetingService>("meetings")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(database).WaitFor(database)
    .WithReference(messaging).WaitFor(messaging)
    .WithEnvironment("Applications__0__Id", applicationId)
    .WithEnvironment("Applications__0__AuthKey", applicationKey);

// A media node's address is part of every call's session description, so nothing may stand in front of it: no proxy, hence no replicas,
// but one resource with a port of its own for each node.
var firstMediaPort = builder.Configuration.GetValue("Media:FirstPort", 40000);
for (var index = 0; index < builder.Configuration.GetValue("Replicas:MediaNode", 2); index++)
{
    builder.AddProject<Projects.MediaNode>($"media-{index}")
        .WithHttpEndpoint()
        .WithHttpHealthCheck("/health")
        .WithEndpoint(name: "media", port: firstMediaPort + index, protocol: ProtocolType.Udp, env: "Node__Port", isProxied: false)
        .WithEnvironment("Node__Name", $"media-{index}")
        .WithReference(messaging).WaitFor(messaging);
}

var signaling = builder.AddProject<Projects.SignalingService>("signaling")
    .WithReplicas(builder.Configuration.GetValue("Replicas:SignalingService", 2))
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(database).WaitFor(database)
    .WithReference(messaging).WaitFor(messaging)
    .WithReference(meetings).WaitFor(meetings);

// Without a mail server (Smtp__Host in the caller's environment) mails become files here.
var state = builder.Configuration["PLATFORM_STATE"] ?? Path.Combine(builder.AppHostDirectory, "..", "..", ".platform");
var gatewayPort = builder.Configuration.GetValue("Gateway:Port", 8080);

builder.AddProject<Projects.NotificationService>("notifications")
    .WithEnvironment("Outbox__Path", Path.GetFullPath(Path.Combine(state, "outbox")))
    .WithEnvironment("Mail__JoinLink", builder.Configuration["Mail:JoinLink"] ?? $"http://localhost:{gatewayPort}/m/{{meetingId}}")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReference(database).WaitFor(database)
    .WithReference(messaging).WaitFor(messaging);

builder.AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: gatewayPort)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReference(meetings).WaitFor(meetings)
    .WithReference(signaling).WaitFor(signaling)
    .WithEnvironment("Application__Id", applicationId)
    .WithEnvironment("Application__AuthKey", applicationKey);

builder.Build().Run();
