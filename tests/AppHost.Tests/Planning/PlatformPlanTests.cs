using System.Net;
using System.Net.Sockets;
using AppHost.Local.Planning;
using AppHost.Local.Servers;
using AppHost.Local.State;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Platform.Testing;

namespace AppHost.Tests.Planning;

public sealed class PlatformPlanTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder([]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reference_to_a_database_becomes_a_connection_string_to_the_planned_port()
    {
        var database = _builder.AddPostgres("postgres").AddDatabase("platform");
        _builder.AddProject<Service>("meetings").WithHttpEndpoint().WithReference(database).WaitFor(database);

        var plan = Plan();
        var port = plan.Instances.Single(instance => instance.Name == "postgres").Address.Split(':')[1];
        var connection = plan.EnvironmentOf("meetings", 0)["ConnectionStrings__platform"];
        Assert.StartsWith($"Host=127.0.0.1;Port={port};Username=platform;Password=", connection, StringComparison.Ordinal);
        Assert.EndsWith("Database=platform", connection, StringComparison.Ordinal);
        Assert.Equal(["postgres"], plan.Instances.Single(instance => instance.Name == "meetings").WaitsFor);
    }

    [Fact]
    public void Reference_to_a_service_lists_every_replica()
    {
        var signaling = _builder.AddProject<Service>("signaling").WithReplicas(2).WithHttpEndpoint();
        _builder.AddProject<Service>("gateway").WithHttpEndpoint().WithReference(signaling);

        var plan = Plan();
        var environment = plan.EnvironmentOf("gateway", 0);
        Assert.Equal(["signaling-0", "signaling-1", "gateway"], plan.Instances.Select(instance => instance.Name));
        Assert.Equal(plan.Instances[0].Address, environment["services__signaling__http__0"]);
        Assert.Equal(plan.Instances[1].Address, environment["services__signaling__http__1"]);
        Assert.NotEqual(environment["services__signaling__http__0"], environment["services__signaling__http__1"]);
    }

    [Fact]
    public void Generated_parameter_is_the_same_at_the_next_start_and_readable_by_its_owner_alone()
    {
        var key = _builder.AddParameter("application-key", new GenerateParameterDefault { MinLength = 32 }, secret: true);
        _builder.AddProject<Service>("meetings").WithHttpEndpoint().WithEnvironment("Key", key);

        var value = Plan().EnvironmentOf("meetings", 0)["Key"];
        Assert.Equal(32, value!.Length);
        Assert.Equal(value, Plan().EnvironmentOf("meetings", 0)["Key"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.Path, ".platform/secrets/application-key")));
    }

    [Fact]
    public void Taken_external_port_is_named_with_its_owner()
    {
        using var taken = new TcpListener(IPAddress.Any, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        _builder.AddProject<Service>("gateway").WithHttpEndpoint(port: port).WithExternalHttpEndpoints();

        var failure = Assert.Throws<PortTakenException>(() => Plan());
        Assert.Contains($"Port {port} is taken by", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"(process {Environment.ProcessId})", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Udp_endpoint_tells_its_port_in_a_variable_and_moves_when_the_port_is_taken()
    {
        using var taken = new UdpClient(0);
        var port = ((IPEndPoint)taken.Client.LocalEndPoint!).Port;
        _builder.AddProject<Service>("media-0").WithHttpEndpoint()
            .WithEndpoint(name: "media", port: port, protocol: ProtocolType.Udp, env: "Node__Port", isProxied: false);

        var chosen = Plan().EnvironmentOf("media-0", 0)["Node__Port"];
        Assert.NotEqual(port.ToString(System.Globalization.CultureInfo.InvariantCulture), chosen);
    }

    [Fact]
    public void Two_resources_cannot_have_the_same_name()
    {
        _builder.AddRabbitMQ("messaging");
        Assert.Throws<InvalidOperationException>(() => _builder.AddRabbitMQ("Messaging"));
    }

    private PlatformPlan Plan() => new([.. _builder.Resources], StateFolder.Open(_folder.Path), Task.CompletedTask);

    private sealed class Service : IProjectMetadata
    {
        public string ProjectPath => "/src/Service/Service.csproj";
        public string AssemblyPath => "/src/Service/bin/Service.dll";
    }
}
