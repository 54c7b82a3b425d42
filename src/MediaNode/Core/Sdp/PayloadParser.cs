using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Collects the payload types of an m-line. Lines about a payload type that the m-line does not list are ignored.</summary>
internal sealed class PayloadParser
{
    private readonly List<PayloadType> _order = [];
    private readonly Dictionary<PayloadType, PayloadFormat> _formats = [];
    private readonly List<string> _feedbackForAll = [];

    public string? TakeFormats(ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (!SdpText.TryPayloadType(word, out var payloadType))
                return $"m=: payload type \"{word}\" is not 0 to 127";
            if (!_formats.TryAdd(payloadType, new PayloadFormat(payloadType, "", 0, 1, "", [])))
                return $"m=: payload type {payloadType.Value} is listed twice";
            _order.Add(payloadType);
        }

        return null;
    }

    /// <summary>RFC 8866 section 6.6: "111 opus/48000/2".</summary>
    public string? TakeRtpMap(string value)
    {
        if (!TryFind("rtpmap", value, out var format, out var rest, out var rule))
            return rule;
        if (format.Name.Length > 0)
            return $"a=rtpmap: payload type {format.PayloadType.Value} is already mapped";
        var parts = rest.Split('/');
        if (parts[0].Length == 0)
            return "a=rtpmap: codec name missing";
        if (parts.Length < 2)
            return "a=rtpmap: clock rate missing";
        if (!SdpText.TryNumber(parts[1], 1, int.MaxValue, out var clockRate))
            return "a=rtpmap: the clock rate must be a number above 0";
        var channels = 1L;
        if (parts.Length > 2 && !SdpText.TryNumber(parts[2], 1, 255, out channels))
            return "a=rtpmap: the channels must be 1 to 255";
        _formats[format.PayloadType] = format with { Name = parts[0], ClockRate = (int)clockRate, Channels = (int)channels };
        return null;
    }

    public string? TakeParameters(string value)
    {
        if (!TryFind("fmtp", value, out var format, out var rest, out var rule))
            return rule;
        _formats[format.PayloadType] = format with { Parameters = rest };
        return null;
    }

    /// <summary>RFC 4585 section 4.2; "*" speaks for all payload types.</summary>
    public string? TakeFeedback(string value)
    {
        if (value.StartsWith("* ", StringComparison.Ordinal))
        {
            if (_feedbackForAll.Count == SdpLimits.FeedbackPerPayloadType)
                return $"a=rtcp-fb: more than {SdpLimits.FeedbackPerPayloadType} for *";
            _feedbackForAll.Add(value[2..]);
            return null;
        }

        if (!TryFind("rtcp-fb", value, out var format, out var rest, out var rule))
            return rule;
        if (format.Feedback.Length == SdpLimits.FeedbackPerPayloadType)
            return $"a=rtcp-fb: more than {SdpLimits.FeedbackPerPayloadType} for payload type {format.PayloadType.Value}";
        _formats[format.PayloadType] = format with { Feedback = format.Feedback.Add(rest) };
        return null;
    }

    public ImmutableArray<PayloadFormat> Build() =>
        [.. _order.Select(payloadType => _formats[payloadType]).Where(format => format.Name.Length > 0)
            .Select(format => format with { Feedback = [.. format.Feedback, .. _feedbackForAll] })];

    /// <summary>False with a null rule: the m-line does not list the payload type.</summary>
    private bool TryFind(string attribute, string value, out PayloadFormat format, out string rest, out string? rule)
    {
        (var word, rest) = SdpText.Split(value, ' ');
        format = null!;
        rule = SdpText.TryPayloadType(word, out var payloadType) ? null : $"a={attribute}: payload type \"{word}\" is not 0 to 127";
        return rule is null && _formats.TryGetValue(payloadType, out format!);
    }
}
