using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;

namespace Platform.EndToEndTests.Telemetry;

/// <summary>Takes traces by OTLP over HTTP, as any collector does, and notes which services have spans in each.</summary>
internal sealed class TraceCollector : IDisposable
{
    /// <summary>Traces remembered; a test run makes some thousands.</summary>
    private const int MaximumTraces = 100_000;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, byte>> _servicesByTrace = new();
    private readonly HttpListener _listener = new();

    public TraceCollector()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/");
        }
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _ = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The services that took part, for each trace.</summary>
    public IEnumerable<IReadOnlyCollection<string>> Traces => _servicesByTrace.Values.Select(services => (IReadOnlyCollection<string>)services.Keys.ToList());

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                if (context.Request.Url!.AbsolutePath == "/v1/traces")
                    Read(body.ToArray());
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed while waiting, or a service went away in the middle of its export.
            }
        }
    }

    /// <summary>ExportTraceServiceRequest of opentelemetry-proto: resource_spans 1 { resource 1 { attributes 1 }, scope_spans 2 { spans 2 { trace_id 1 } } }.</summary>
    private void Read(byte[] request)
    {
        foreach (var resourceSpans in Fields(request, 1))
        {
            var service = Fields(resourceSpans, 1).SelectMany(resource => Fields(resource, 1)).Select(ServiceName).FirstOrDefault(name => name is not null) ?? "";
            foreach (var span in Fields(resourceSpans, 2).SelectMany(scope => Fields(scope, 2)))
            {
                if (_servicesByTrace.Count < MaximumTraces)
                    _servicesByTrace.GetOrAdd(Convert.ToHexString(Fields(span, 1).First()), _ => new())[service] = 0;
            }
        }
    }

    /// <summary>KeyValue { key 1, value 2 { string_value 1 } }.</summary>
    private static string? ServiceName(byte[] attribute) =>
        Text(Fields(attribute, 1).First()) == "service.name" ? Fields(attribute, 2).SelectMany(value => Fields(value, 1)).Select(Text).FirstOrDefault() : null;

    private static string Text(byte[] utf8) => System.Text.Encoding.UTF8.GetString(utf8);

    /// <summary>The length-delimited fields of a message that have this number.</summary>
    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == number && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                found.Add(input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        }
        return found;
    }
}
