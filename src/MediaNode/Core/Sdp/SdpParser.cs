using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MediaNode.Core.Sdp;

/// <summary>Reads a description line by line; the first broken rule ends it.</summary>
internal sealed class SdpParser
{
    private readonly SharedAttributes _session = new();
    private readonly List<MediaParser> _media = [];
    private readonly HashSet<string> _mids = [];
    private string[] _bundle = [];
    private int _bundleLine;
    private bool _isIceLite;
    private ulong _sessionId;
    private ulong _sessionVersion;

    public static bool TryParse(string text, [NotNullWhen(true)] out SessionDescription? description, [NotNullWhen(false)] out SdpFailure? failure)
    {
        description = null;
        if (text.Length > SdpLimits.TextCharacters)
        {
            failure = new SdpFailure(0, $"the description is longer than {SdpLimits.TextCharacters} characters");
            return false;
        }

        var parser = new SdpParser();
        failure = parser.ReadLines(text) ?? parser.CheckWhole();
        if (failure is null)
            description = parser.Build();
        return failure is null;
    }

    private SdpFailure? ReadLines(string text)
    {
        var number = 0;
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            if (++number > SdpLimits.Lines)
                return new SdpFailure(0, $"the description has more than {SdpLimits.Lines} lines");
            // The text's last line end leaves an empty line; elsewhere empty lines are harmless too.
            if (raw.IsEmpty)
                continue;
            if (ReadLine(raw, isFirst: number == 1, number) is { } rule)
                return new SdpFailure(number, rule);
        }

        return number == 0 || text.Length == 0 ? new SdpFailure(0, "the description is empty") : null;
    }

    private string? ReadLine(ReadOnlySpan<char> raw, bool isFirst, int number)
    {
        if (raw.Length > SdpLimits.LineCharacters)
            return $"the line is longer than {SdpLimits.LineCharacters} characters";
        if (raw.Length < 2 || raw[1] != '=')
            return "a line must be <letter>=<value>";
        if (raw.IndexOfAnyInRange('\0', '\x1F') >= 0)
            return "a line must not contain control characters";
        if (isFirst)
            return raw is "v=0" ? null : "the first line must be v=0";
        var value = raw[2..].ToString();
        return raw[0] switch
        {
            'o' => ReadOrigin(value),
            'm' => ReadMediaLine(value),
            'a' => ReadAttribute(value, number),
            // s=, t=, c=, b=, ... say nothing that WebRTC uses.
            _ => null,
        };
    }

    private string? ReadOrigin(string value)
    {
        var words = SdpText.Words(value);
        if (words.Length != 6)
            return "o=: six fields expected";
        if (!ulong.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out _sessionId))
            return "o=: the session id must be a number below 2^64";
        return ulong.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out _sessionVersion) ? null : "o=: the session version must be a number below 2^64";
    }

    private string? ReadMediaLine(string value)
    {
        if (_media.Count == SdpLimits.MediaLines)
            return $"m=: more than {SdpLimits.MediaLines} m-lines";
        var media = new MediaParser();
        _media.Add(media);
        return media.TakeMediaLine(value);
    }

    private string? ReadAttribute(string text, int number)
    {
        var (name, value) = SdpText.Split(text, ':');
        if (_media.Count > 0)
            return name == "mid" && !_mids.Add(value) ? $"a=mid: \"{value}\" is already used by another m-line" : _media[^1].TakeAttribute(name, value);
        switch (name)
        {
            case "ice-lite":
                _isIceLite = true;
                return null;
            case "group":
                if (SdpText.Words(value) is ["BUNDLE", .. var mids])
                    (_bundle, _bundleLine) = (mids, number);
                return null;
            default:
                _session.TryTake(name, value, out var rule);
                return rule;
        }
    }

    private SdpFailure? CheckWhole()
    {
        if (_bundle.FirstOrDefault(mid => !_mids.Contains(mid)) is { } unknown)
            return new SdpFailure(_bundleLine, $"a=group:BUNDLE names mid \"{unknown}\", which no m-line has");
        if (_bundle.Distinct().Count() != _bundle.Length)
            return new SdpFailure(_bundleLine, "a=group:BUNDLE names a mid twice");
        return null;
    }

    private SessionDescription Build() => new()
    {
        SessionId = _sessionId,
        SessionVersion = _sessionVersion,
        BundleGroup = [.. _bundle],
        IsIceLite = _isIceLite,
        Media = [.. _media.Select(media => media.Build(_session))],
    };
}
