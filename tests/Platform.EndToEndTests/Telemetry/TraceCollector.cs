using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Platform.EndToEndTests.Telemetry;

/// <summary>Takes traces by OTLP over HTTP, as any collector does, and notes which services have spans in each.</summary>
internal sealed class TraceCollector : IAsyncDisposable
{
    /// <summary>Traces remembered; a test run makes some thousands.</summary>
    private const int MaximumTraces = 100_000;

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, byte>> _servicesByTrace = new();
    private WebApplication? _server;

    public Uri Address => new(_server!.Urls.Single());

    /// <summary>The services that took part, for each trace.</summary>
    public IEnumerable<IReadOnlyCollection<string>> Traces => _servicesByTrace.Values.Select(services => (IReadOnlyCollection<string>)services.Keys.ToList());

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.MapPost("/v1/traces", TakeAsync);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task<IResult> TakeAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        Read(body.ToArray());
        return TypedResults.Bytes([], "application/x-protobuf");
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
