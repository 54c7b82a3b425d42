using NotificationService;

await NotificationServiceHost.Build(args).RunAsync();
