namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value from configuration (<c>Parameters:name</c>), else a fixed default, else one that is generated once and kept.</summary>
public sealed class ParameterResource(string name) : Resource(name)
{
    internal string? Value { get; init; }

    internal GenerateParameterDefault? Generated { get; init; }
}

public abstract class ParameterDefault;

/// <summary>The local engine always generates hexadecimal digits, which are within every choice of characters below.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    public int MinLength { get; set; }
    public bool Special { get; set; } = true;
}
