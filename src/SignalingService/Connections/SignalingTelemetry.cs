using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SignalingService.Connections;

/// <summary>Traces and metrics of signalling, named "Platform.Signaling".</summary>
internal sealed class SignalingTelemetry : IDisposable
{
    public const string Name = "Platform.Signaling";

    private readonly Meter _meter;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _cut;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _systemMessages;

    public SignalingTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _messages = _meter.CreateCounter<long>("signaling.messages", "{message}", "Janus messages by verb or request.");
        _errors = _meter.CreateCounter<long>("signaling.errors", "{message}", "Janus messages that were refused, by code.");
        _connections = _meter.CreateUpDownCounter<long>("signaling.connections", "{connection}", "Open WebSockets by protocol.");
        _refused = _meter.CreateCounter<long>("signaling.connections.refused", "{connection}", "WebSockets that were not accepted, by reason.");
        _cut = _meter.CreateCounter<long>("signaling.connections.cut", "{connection}", "WebSockets that were ended from here, by reason.");
        _systemMessages = _meter.CreateCounter<long>("signaling.system_messages", "{message}", "System messages by what became of them.");
    }

    public ActivitySource Source { get; } = new(Name);

    public void Message(string name, int? errorCode)
    {
        _messages.Add(1, new KeyValuePair<string, object?>("request", name));
        if (errorCode is { } code)
            _errors.Add(1, new KeyValuePair<string, object?>("code", code));
    }

    public void Opened(string protocol) => _connections.Add(1, new KeyValuePair<string, object?>("protocol", protocol));

    public void Closed(string protocol, Ending? ending)
    {
        _connections.Add(-1, new KeyValuePair<string, object?>("protocol", protocol));
        if (ending is not null)
            _cut.Add(1, new("protocol", protocol), new("reason", ending.Word));
    }

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void SystemMessage(string outcome) => _systemMessages.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Dispose()
    {
        Source.Dispose();
        _meter.Dispose();
    }
}
