namespace AppHost.Local.Builds;

/// <summary>Builds every service that the app host refers to; the app host itself runs already and is left alone.</summary>
internal static class ServicesBuild
{
    private const string InstallSdk = "https://dotnet.microsoft.com/download, the version that global.json names";

    /// <summary>Release: the media nodes handle every packet in managed code, and a Debug build takes several times the processor time.</summary>
    public static Task RunAsync(string appHostFolder, Action<string> onLine, CancellationToken cancellationToken) =>
        BuildStep.RunAsync(
            "The build of the services", appHostFolder, "dotnet",
            ["build", "AppHost.csproj", "--target:BuildServices", "--configuration", "Release", "--verbosity", "quiet", "--nologo", "-property:AspireHosting=local"],
            InstallSdk, onLine, cancellationToken);
}
