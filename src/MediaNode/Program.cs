using MediaNode;

MediaNodeHost.Build(args).Run();
