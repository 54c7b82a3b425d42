using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Gateway.IntegrationTests;

public sealed class PageTests : IDisposable
{
    private const string Document = "<!doctype html><title>page</title>";

    private readonly DirectoryInfo _webRoot = Directory.CreateTempSubdirectory("gateway-page-");

    public PageTests()
    {
        File.WriteAllText(Path.Combine(_webRoot.FullName, "index.html"), Document);
        _webRoot.CreateSubdirectory("assets");
        File.WriteAllText(Path.Combine(_webRoot.FullName, "assets", "index-1a2b.js"), new string(' ', 4096));
    }

    public void Dispose() => _webRoot.Delete(recursive: true);

    [Theory]
    [InlineData("/")]
    [InlineData("/m/5f8a00000000000000000001")]
    public async Task Every_address_of_the_page_gives_the_document_with_its_security_headers(string path)
    {
        await using var gateway = new GatewayHost([], [], _webRoot.FullName);
        using var response = await gateway.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(Document, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains("default-src 'none'", Header(response, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("nosniff", Header(response, "X-Content-Type-Options"));
        Assert.Equal("no-referrer", Header(response, "Referrer-Policy"));
        Assert.Contains("camera=(self), microphone=(self), display-capture=(self)", Header(response, "Permissions-Policy"), StringComparison.Ordinal);
        Assert.Equal("no-cache", Header(response, "Cache-Control"));
    }

    [Fact]
    public async Task Hashed_assets_are_kept_for_ever_and_compressed()
    {
        await using var gateway = new GatewayHost([], [], _webRoot.FullName);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/assets/index-1a2b.js", UriKind.Relative));
        request.Headers.Add("Accept-Encoding", "br");
        using var response = await gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("public, max-age=31536000, immutable", Header(response, "Cache-Control"));
        Assert.Equal(["br"], response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task A_page_that_is_not_built_says_how_to_build_it()
    {
        await using var gateway = new GatewayHost([], []);
        using var response = await gateway.Http.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("the web page is not built: npm ci && npm run build in src/Gateway/Web", await GatewayHost.ErrorOf(response));
    }

    [Fact]
    public async Task The_page_learns_its_application_from_configuration()
    {
        await using var gateway = new GatewayHost([], [], null, ("Application:Id", "7"), ("Application:AuthKey", "key"));
        var config = await gateway.Http.GetFromJsonAsync<JsonElement>(new Uri("/config.json", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal("7", config.GetProperty("applicationId").GetString());
        Assert.Equal("key", config.GetProperty("authKey").GetString());
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
