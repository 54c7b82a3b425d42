using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace AppHost.Local.Commands;

/// <summary>Prints the app model as JSON, names only: what refers to what and waits for what.</summary>
internal static class ModelCommand
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(IReadOnlyList<IResource> resources)
    {
        Console.WriteLine(JsonSerializer.Serialize(resources.Select(Describe), Format));
        return Dispatcher.Success;
    }

    private static object Describe(IResource resource) => resource is ProjectResource project
        ? new
        {
            project.Name,
            Type = Path.GetFileNameWithoutExtension(project.Project.ProjectPath),
            project.Replicas,
            References = project.References.Select(reference => reference.Name),
            WaitsFor = project.WaitsFor.Select(dependency => dependency.Name),
            Endpoints = project.Endpoints.Select(endpoint => $"{endpoint.Name}/{endpoint.Protocol}{(endpoint.IsExternal ? "/external" : "")}:{endpoint.Port}"),
            Environment = project.Environment.Select(variable => variable.Name).Concat(project.Endpoints.Select(endpoint => endpoint.Variable).OfType<string>()),
            Health = project.HealthPath,
        }
        : new { resource.Name, Type = resource.GetType().Name };
}
