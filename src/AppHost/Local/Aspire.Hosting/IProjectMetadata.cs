namespace Aspire.Hosting;

/// <summary>Implemented by the <c>Projects.*</c> types that the build makes from the app host's project references.</summary>
public interface IProjectMetadata
{
    string ProjectPath { get; }

    /// <summary>The assembly that the project's build makes.</summary>
    string AssemblyPath { get; }
}
