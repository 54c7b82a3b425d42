using System.Globalization;
using AppHost.Local.Processes;
using AppHost.Local.Servers;
using AppHost.Local.State;
using AppHost.Local.Supervision;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Planning;

/// <summary>What the app model comes to on this machine: processes, their addresses and what each is told of the others.</summary>
internal sealed class PlatformPlan
{
    /// <summary>The parameters that a caller of the REST interface needs; the model uses these names.</summary>
    private const string ApplicationIdParameter = "application-id";
    private const string ApplicationKeyParameter = "application-key";

    private readonly IReadOnlyList<IResource> _resources;
    private readonly StateFolder _state;
    private readonly PortPlan _ports = new();
    private readonly ServiceEnvironment _environment;

    private readonly Task _servicesBuilt;

    /// <param name="servicesBuilt">Services start when it completes; servers do not wait for it.</param>
    /// <exception cref="PortTakenException">An external endpoint's port is in use.</exception>
    public PlatformPlan(IReadOnlyList<IResource> resources, StateFolder state, Task servicesBuilt)
    {
        (_resources, _state, _servicesBuilt) = (resources, state, servicesBuilt);
        _environment = new(_ports, ConnectionString, Parameter);
        foreach (var resource in resources)
            ChoosePorts(resource);
        Instances = [.. resources.SelectMany(Plan)];
    }

    public IReadOnlyList<Instance> Instances { get; }

    public ApplicationAccess Application =>
        new(long.Parse(ParameterOrEmpty(ApplicationIdParameter, "0"), CultureInfo.InvariantCulture), ParameterOrEmpty(ApplicationKeyParameter, ""));

    /// <summary>The address of the first external endpoint.</summary>
    public string Gateway => _resources.OfType<ProjectResource>()
        .SelectMany(project => project.Endpoints.Where(endpoint => endpoint.IsExternal).Select(endpoint => (project, endpoint)))
        .Select(found => $"http://localhost:{_ports.Of(found.project.Name, found.endpoint.Name, 0)}")
        .FirstOrDefault("");

    /// <summary>The environment that replica <paramref name="replica"/> of the named service gets.</summary>
    public IReadOnlyDictionary<string, string?> EnvironmentOf(string service, int replica) =>
        _environment.Of(_resources.OfType<ProjectResource>().Single(project => project.Name == service), replica);

    private void ChoosePorts(IResource resource)
    {
        switch (resource)
        {
            case PostgresServerResource postgres:
                _ports.AddServer(postgres.Name, postgres.Port);
                break;
            case RabbitMQServerResource rabbit:
                _ports.AddServer(rabbit.Name, rabbit.Port);
                break;
            case ProjectResource project:
                _ports.Add(project);
                break;
        }
    }

    private IEnumerable<Instance> Plan(IResource resource) => resource switch
    {
        PostgresServerResource postgres => [Plan(postgres)],
        RabbitMQServerResource rabbit => [Plan(rabbit)],
        ProjectResource project => Enumerable.Range(0, project.Replicas).Select(replica => Plan(project, replica)),
        _ => [],
    };

    private Instance Plan(PostgresServerResource postgres)
    {
        var port = _ports.Of(postgres.Name, "tcp", 0);
        return new(postgres.Name, postgres.Name, $"127.0.0.1:{port}", [])
        {
            StartAsync = async (onLine, cancellationToken) =>
            {
                var server = await PostgresServer.StartAsync(new(PostgresData(postgres)) { Port = port, OnLine = onLine }, cancellationToken);
                foreach (var database in postgres.Databases)
                    await server.EnsureDatabaseAsync(database.DatabaseName, cancellationToken);
                return server;
            },
        };
    }

    private Instance Plan(RabbitMQServerResource rabbit)
    {
        var port = _ports.Of(rabbit.Name, "tcp", 0);
        return new(rabbit.Name, rabbit.Name, $"127.0.0.1:{port}", [])
        {
            StartAsync = async (onLine, cancellationToken) =>
                await RabbitMqServer.StartAsync(new(_state.Data(rabbit.Name)) { Port = port, OnLine = onLine }, cancellationToken),
        };
    }

    private Instance Plan(ProjectResource project, int replica)
    {
        var command = new ChildCommand("dotnet", [project.Project.AssemblyPath])
        {
            WorkingDirectory = Path.GetDirectoryName(project.Project.ProjectPath),
            Environment = _environment.Of(project, replica),
        };
        var http = project.Endpoints.FirstOrDefault(endpoint => endpoint.IsHttp);
        var address = http is null ? "" : http.IsExternal ? Gateway : _environment.Address(project, http.Name, replica);
        var health = http is null || project.HealthPath is null ? null : new Uri(_environment.Address(project, http.Name, replica) + project.HealthPath);
        return new(project.Replicas == 1 ? project.Name : $"{project.Name}-{replica}", project.Name, address, [.. project.WaitsFor.Select(RunningName)])
        {
            Prerequisite = _servicesBuilt,
            StartAsync = (onLine, _) => ServiceProcess.StartAsync(command, health, onLine),
        };
    }

    /// <summary>A database is there when its server is.</summary>
    private static string RunningName(IResource resource) => resource is PostgresDatabaseResource database ? database.Parent.Name : resource.Name;

    private string ConnectionString(IResourceWithConnectionString resource) => resource switch
    {
        PostgresDatabaseResource database => PostgresServer.ConnectionString(
            _ports.Of(database.Parent.Name, "tcp", 0), PostgresServer.PasswordIn(PostgresData(database.Parent)), database.DatabaseName),
        RabbitMQServerResource rabbit => RabbitMqServer.ConnectionStringOf(
            _ports.Of(rabbit.Name, "tcp", 0), RabbitMqServer.PasswordIn(_state.Data(rabbit.Name))),
        _ => throw new NotSupportedException($"The local engine knows no connection string for '{resource.Name}'."),
    };

    private string PostgresData(PostgresServerResource postgres) => DataFolder.For(_state.Data(postgres.Name));

    private string Parameter(ParameterResource parameter) => parameter.Value ?? _state.Secrets.Secret(parameter.Name);

    private string ParameterOrEmpty(string name, string absent) =>
        _resources.OfType<ParameterResource>().FirstOrDefault(parameter => parameter.Name == name) is { } found ? Parameter(found) : absent;
}
