using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Platform.EndToEndTests.Sdk;

/// <summary>A web server of somebody else: its one page is empty, and its origin is not the platform's.</summary>
internal sealed class PartnerSite : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    public PartnerSite()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new($"http://localhost:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                context.Response.ContentType = "text/html";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes("<!doctype html><title>Partner app</title><body></body>"));
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // Closed while waiting, or the browser went away.
            }
        }
    }
}
