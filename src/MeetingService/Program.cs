using MeetingService;

await using var app = MeetingServiceHost.Build(args);
await app.RunAsync();
