using System.Text.Json;

namespace AppHost.Tests;

/// <summary>What src/AppHost/Program.cs says: the deployment diagram, checked line by line.</summary>
public sealed class ModelTests
{
    [Fact]
    public async Task Services_refer_to_and_wait_for_what_they_use()
    {
        var model = await ModelAsync();
        Assert.Equal(
            ["application-id", "application-key", "gateway", "media-0", "media-1", "meetings", "messaging", "notifications", "platform", "postgres", "signaling"],
            model.Keys.Order(StringComparer.Ordinal));
        AssertLinks(model, "meetings", "platform", "messaging");
        AssertLinks(model, "signaling", "platform", "messaging", "meetings");
        AssertLinks(model, "media-0", "messaging");
        AssertLinks(model, "media-1", "messaging");
        AssertLinks(model, "notifications", "platform", "messaging");
        AssertLinks(model, "gateway", "meetings", "signaling");
        Assert.All(model.Values.Where(IsProject), project => Assert.Equal("/health", project.GetProperty("health").GetString()));
    }

    [Fact]
    public async Task Only_the_gateway_is_external_and_media_nodes_have_a_udp_port_each()
    {
        var model = await ModelAsync();
        Assert.Equal(["http/Tcp/external:8080"], Texts(model["gateway"], "endpoints"));
        Assert.DoesNotContain(
            model.Where(item => item.Key != "gateway" && IsProject(item.Value)).SelectMany(item => Texts(item.Value, "endpoints")),
            endpoint => endpoint.Contains("external", StringComparison.Ordinal));
        Assert.Contains("media/Udp:40000", Texts(model["media-0"], "endpoints"));
        Assert.Contains("media/Udp:40001", Texts(model["media-1"], "endpoints"));
        Assert.Equal(["Node__Name", "Node__Port"], Texts(model["media-0"], "environment"));
    }

    [Fact]
    public async Task Port_and_replicas_can_be_changed()
    {
        var model = await ModelAsync("--port", "9090", "--replicas", "MediaNode=1,SignalingService=3");
        Assert.Equal(["http/Tcp/external:9090"], Texts(model["gateway"], "endpoints"));
        Assert.False(model.ContainsKey("media-1"));
        Assert.Equal(3, model["signaling"].GetProperty("replicas").GetInt32());
    }

    private static async Task<Dictionary<string, JsonElement>> ModelAsync(params string[] arguments)
    {
        using var host = new HostProcess();
        var (exitCode, output) = await host.RunAsync(["model", .. arguments]);
        Assert.True(exitCode == 0, output);
        return JsonDocument.Parse(output).RootElement.EnumerateArray().ToDictionary(item => item.GetProperty("name").GetString()!);
    }

    private static bool IsProject(JsonElement resource) => resource.TryGetProperty("replicas", out _);

    private static void AssertLinks(Dictionary<string, JsonElement> model, string service, params string[] expected)
    {
        Assert.Equal(expected, Texts(model[service], "references"));
        Assert.Equal(expected, Texts(model[service], "waitsFor"));
    }

    private static IEnumerable<string> Texts(JsonElement resource, string property) =>
        resource.GetProperty(property).EnumerateArray().Select(item => item.GetString()!);
}
