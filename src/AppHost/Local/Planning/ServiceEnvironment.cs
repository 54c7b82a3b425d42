using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Planning;

/// <summary>The environment of one replica of a service, under the names that Aspire gives.</summary>
internal sealed class ServiceEnvironment(PortPlan ports, Func<IResourceWithConnectionString, string> connectionString, Func<ParameterResource, string> parameter)
{
    public Dictionary<string, string?> Of(ProjectResource project, int replica)
    {
        var variables = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = string.Join(';', project.Endpoints.Where(endpoint => endpoint.IsHttp).Select(endpoint => ListenAddress(project, endpoint, replica))),
            ["OTEL_SERVICE_NAME"] = project.Name,
            ["OTEL_RESOURCE_ATTRIBUTES"] = Attributes(project, replica),
        };
        foreach (var endpoint in project.Endpoints.Where(endpoint => endpoint.Variable is not null))
            variables[endpoint.Variable!] = Text(ports.Of(project.Name, endpoint.Name, replica));
        foreach (var reference in project.References)
            AddReference(variables, reference);
        foreach (var variable in project.Environment)
            variables[variable.Name] = Value(variable);
        return variables;
    }

    public string Address(ProjectResource project, string endpoint, int replica) =>
        $"http://127.0.0.1:{Text(ports.Of(project.Name, endpoint, replica))}";

    private void AddReference(Dictionary<string, string?> variables, IResource reference)
    {
        if (reference is IResourceWithConnectionString source)
            variables[$"ConnectionStrings__{source.Name}"] = connectionString(source);
        if (reference is not ProjectResource project)
            return;
        foreach (var endpoint in project.Endpoints.Where(endpoint => endpoint.IsHttp))
        {
            for (var replica = 0; replica < project.Replicas; replica++)
                variables[$"services__{project.Name}__{endpoint.Name}__{Text(replica)}"] = Address(project, endpoint.Name, replica);
        }
    }

    private string Value(EnvironmentVariable variable) => variable switch
    {
        { Parameter: { } source } => parameter(source),
        { Endpoint: { Resource: ProjectResource project } endpoint } => Address(project, endpoint.EndpointName, replica: 0),
        _ => variable.Text ?? "",
    };

    private string ListenAddress(ProjectResource project, EndpointDefinition endpoint, int replica) =>
        $"http://{(endpoint.IsExternal ? "*" : "127.0.0.1")}:{Text(ports.Of(project.Name, endpoint.Name, replica))}";

    /// <summary>Added to the caller's own attributes.</summary>
    private static string Attributes(ProjectResource project, int replica) =>
        string.Join(',', new[] { Environment.GetEnvironmentVariable("OTEL_RESOURCE_ATTRIBUTES"), $"service.instance.id={project.Name}-{Text(replica)}" }
            .Where(attribute => !string.IsNullOrEmpty(attribute)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
