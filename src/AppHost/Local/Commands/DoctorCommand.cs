using System.Globalization;
using System.Runtime.InteropServices;
using AppHost.Local.Processes;
using AppHost.Local.Servers;
using AppHost.Local.State;
using AppHost.Local.Supervision;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Commands;

/// <param name="NextStep">What to do about it; null when all is well.</param>
/// <param name="IsNeeded">False for what the platform runs without.</param>
internal sealed record Finding(string Subject, string Found, string? NextStep = null, bool IsNeeded = true)
{
    public bool IsProblem => NextStep is not null && IsNeeded;

    public string Verdict => NextStep is null ? "ok" : IsNeeded ? "problem" : "missing";
}

/// <summary>Looks at everything that the platform needs, and says what to do about what is not there.</summary>
internal static class DoctorCommand
{
    private const int LeastNodeMajor = 18;

    /// <summary>Bytes that a database, its log and a broker want free.</summary>
    private const long LeastFreeDisk = 1L << 30;

    public static async Task<int> RunAsync(StateFolder state, IReadOnlyList<IResource> resources)
    {
        var findings = new List<Finding>
        {
            await VersionAsync(".NET SDK", "dotnet", "--version", "10.", "install the .NET SDK that global.json names: https://dotnet.microsoft.com/download"),
            await NodeAsync(),
            Program("PostgreSQL", ServerBinaries.FindPostgresFolder(), ServerBinaries.InstallPostgres),
            Program("RabbitMQ", ServerBinaries.FindRabbitMqFolder(), ServerBinaries.InstallRabbitMq),
            Program("Erlang's epmd", ServerBinaries.FindEpmd(), ServerBinaries.InstallRabbitMq),
            OpenSsl(),
            Program("Chromium (tests only)", ServerBinaries.FindOnPath("chromium") ?? ServerBinaries.FindOnPath("google-chrome"), "apt-get install chromium") with { IsNeeded = false },
            Disk(state),
        };
        findings.AddRange(PlatformState.Read(state) is { } running ? Services(running) : Ports(resources));
        foreach (var finding in findings)
            Console.WriteLine($"{finding.Verdict,-7}  {finding.Subject,-22} {finding.Found}{(finding.NextStep is { } step ? $"\n         -> {step}" : "")}");
        return findings.TrueForAll(finding => !finding.IsProblem) ? Dispatcher.Success : Dispatcher.Failure;
    }

    private static Finding Program(string subject, string? path, string install) =>
        path is null ? new(subject, "not found", install) : new(subject, path);

    private static async Task<Finding> VersionAsync(string subject, string program, string argument, string expected, string nextStep)
    {
        if (ServerBinaries.FindOnPath(program) is null)
            return new(subject, "not found", nextStep);
        var (exitCode, output) = await ChildProcess.RunAsync(new(program, [argument]));
        return new(subject, output.Trim(), exitCode == 0 && output.StartsWith(expected, StringComparison.Ordinal) ? null : nextStep);
    }

    private static async Task<Finding> NodeAsync()
    {
        var finding = await VersionAsync("Node", "node", "--version", "v", "apt-get install nodejs npm");
        var major = finding.Found.TrimStart('v').Split('.')[0];
        return finding.NextStep is null && int.TryParse(major, CultureInfo.InvariantCulture, out var version) && version < LeastNodeMajor
            ? finding with { NextStep = $"the web page needs Node {LeastNodeMajor} or later to build" }
            : finding;
    }

    /// <summary>DTLS and SRTP of the media nodes come from it.</summary>
    private static Finding OpenSsl()
    {
        const string Library = "libssl.so.3";
        if (!NativeLibrary.TryLoad(Library, out var handle))
            return new("OpenSSL 3", $"{Library} not found", "apt-get install libssl3");
        NativeLibrary.Free(handle);
        return new("OpenSSL 3", Library);
    }

    private static Finding Disk(StateFolder state)
    {
        var free = new DriveInfo(state.Path).AvailableFreeSpace;
        var found = $"{state.Path} ({free >> 20} MiB free)";
        return new("state folder", found, free < LeastFreeDisk ? "make room, or name another folder in PLATFORM_STATE" : null);
    }

    private static IEnumerable<Finding> Ports(IReadOnlyList<IResource> resources) =>
        from project in resources.OfType<ProjectResource>()
        from endpoint in project.Endpoints
        where endpoint is { IsExternal: true, Port: not null }
        let port = endpoint.Port!.Value
        select FreePort.IsFreeTcp(port)
            ? new Finding($"port {port}", $"free for {project.Name}")
            : new Finding($"port {port}", $"taken by {PortOwner.Find(port) ?? "another program"}", $"stop it, or ./platform up --port {port + 1}");

    private static IEnumerable<Finding> Services(PlatformState state) =>
        state.Services.Select(service => new Finding(
            service.Name,
            $"{service.State.ToString().ToLowerInvariant()} {service.Address}",
            service.State == InstanceState.Healthy ? null : $"look into its log, logs/{service.Name}.log in the state folder"));
}
