using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Gateway.IntegrationTests;

public sealed class RoutingTests : IAsyncLifetime
{
    private BackEnd _meetings = null!;
    private BackEnd _signaling = null!;
    private GatewayHost _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _meetings = await BackEnd.StartAsync("meetings");
        _signaling = await BackEnd.StartAsync("signaling");
        _gateway = new GatewayHost([_meetings.Address], [_signaling.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _meetings.DisposeAsync();
        await _signaling.DisposeAsync();
    }

    [Theory]
    [InlineData("/session")]
    [InlineData("/session.json")]
    [InlineData("/login.json")]
    [InlineData("/meetings")]
    [InlineData("/meetings.json")]
    [InlineData("/meetings/5f8a00000000000000000001.json")]
    [InlineData("/meetings/recordings/5f8a00000000000000000001")]
    [InlineData("/users.json")]
    [InlineData("/users/v2.json")]
    [InlineData("/.well-known/jwks.json")]
    public async Task Rest_calls_go_to_the_meetings_service_with_the_path_unchanged(string path)
    {
        using var response = await _gateway.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([$"GET {path}"], _meetings.Requests);
    }

    [Fact]
    public async Task Raw_brackets_in_a_query_string_arrive_as_they_were_sent()
    {
        const string target = "/users/v2.json?id[in][]=1&id[in][]=2&name=a%5Bb";

        Assert.StartsWith("HTTP/1.1 200", await SendRaw($"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal([$"GET {target}"], _meetings.Requests);
    }

    [Fact]
    public async Task A_delete_keeps_its_body()
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri("/meetings/1.json", UriKind.Relative)) { Content = new StringContent("force=1") };
        using var response = await _gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Contains("force=1", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trace_goes_on_to_the_service()
    {
        // A raw request: an HttpClient in this process would write the trace of the process's own telemetry over the header.
        await SendRaw("GET /meetings HTTP/1.1\r\nHost: x\r\nConnection: close\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");

        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", Assert.Single(_meetings.TraceParents), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_of_a_service_pass_unchanged()
    {
        using var response = await _gateway.Http.GetAsync(new Uri("/meetings/own-error", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.UnprocessableContent, response.StatusCode);
        Assert.Equal("""{"errors":{"name":["is too long"]}}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_unknown_path_is_404_in_the_shape_of_all_errors()
    {
        using var response = await _gateway.Http.GetAsync(new Uri("/nowhere", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("nothing is at /nowhere", await GatewayHost.ErrorOf(response));
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task The_gateway_is_healthy_without_a_page(string path)
    {
        using var response = await _gateway.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<string> SendRaw(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_gateway.Address.Host, _gateway.Address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
