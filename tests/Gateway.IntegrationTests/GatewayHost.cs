using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Gateway.IntegrationTests;

/// <summary>The real Gateway on a free port, as it runs in production, in front of the given services.</summary>
internal sealed class GatewayHost : WebApplicationFactory<Program>
{
    private readonly string[] _meetings;
    private readonly string[] _signaling;
    private readonly string _webRoot;
    private readonly (string Key, string Value)[] _settings;

    public GatewayHost(string[] meetings, string[] signaling, string? webRoot = null, params (string Key, string Value)[] settings)
    {
        (_meetings, _signaling, _settings) = (meetings, signaling, settings);
        _webRoot = webRoot ?? Path.Combine(AppContext.BaseDirectory, "no-page-is-built-here");
        UseKestrel(0);
        StartServer();
        Address = ClientOptions.BaseAddress;
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public Uri WebSocketAddress(string path) => new UriBuilder(new Uri(Address, path)) { Scheme = "ws" }.Uri;

    public static async Task<string> ErrorOf(HttpResponseMessage response)
    {
        var body = await response.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("errors").GetProperty("base")[0].GetString()!;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseEnvironment("Production");
        builder.UseWebRoot(_webRoot);
        foreach (var (service, addresses) in new[] { ("meetings", _meetings), ("signaling", _signaling) })
        {
            for (var i = 0; i < addresses.Length; i++)
                builder.UseSetting($"services:{service}:http:{i}", addresses[i]);
        }

        foreach (var (key, value) in _settings)
            builder.UseSetting(key, value);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Http.Dispose();
        base.Dispose(disposing);
    }
}
