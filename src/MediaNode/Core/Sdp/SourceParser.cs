using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Collects a=ssrc and a=ssrc-group of an m-line (RFC 5576).</summary>
internal sealed class SourceParser
{
    private readonly List<MediaSource> _sources = [];
    private readonly List<MediaSourceGroup> _groups = [];

    public string? TakeSource(string value)
    {
        var (id, attribute) = SdpText.Split(value, ' ');
        if (!SdpText.TryUnsigned32(id, out var number))
            return "a=ssrc: a 32-bit number expected";
        var ssrc = new Ssrc(number);
        var index = _sources.FindIndex(source => source.Ssrc == ssrc);
        if (index < 0)
        {
            if (_sources.Count == SdpLimits.SourcesPerMedia)
                return $"a=ssrc: more than {SdpLimits.SourcesPerMedia} sources in one m-line";
            index = _sources.Count;
            _sources.Add(new MediaSource(ssrc));
        }

        var (name, text) = SdpText.Split(attribute, ':');
        _sources[index] = name switch
        {
            "cname" => _sources[index] with { Cname = text },
            "msid" => _sources[index] with { StreamId = text },
            _ => _sources[index],
        };
        return null;
    }

    public string? TakeGroup(string value)
    {
        if (_groups.Count == SdpLimits.SourceGroupsPerMedia)
            return $"a=ssrc-group: more than {SdpLimits.SourceGroupsPerMedia} in one m-line";
        var words = SdpText.Words(value);
        if (words.Length is < 2 or > SdpLimits.SourcesPerMedia)
            return "a=ssrc-group: semantics and SSRCs expected";
        var sources = ImmutableArray.CreateBuilder<Ssrc>(words.Length - 1);
        foreach (var word in words.AsSpan(1))
        {
            if (!SdpText.TryUnsigned32(word, out var number))
                return $"a=ssrc-group: \"{word}\" is not a 32-bit number";
            sources.Add(new Ssrc(number));
        }

        if (words[0] == "FID" && sources.Count != 2)
            return "a=ssrc-group:FID: two SSRCs expected";
        _groups.Add(new MediaSourceGroup(words[0], sources.MoveToImmutable()));
        return null;
    }

    public ImmutableArray<MediaSource> BuildSources() => [.. _sources];

    public ImmutableArray<MediaSourceGroup> BuildGroups() => [.. _groups];
}
