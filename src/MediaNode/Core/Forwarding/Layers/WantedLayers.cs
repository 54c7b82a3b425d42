using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Which encodings of one published track somebody watches. More is told at once; less only when it has lasted, since a layer that starts again costs its viewers a key frame.
/// The lowest encoding always counts as wanted: with it the next viewer has a picture at once.
/// </summary>
internal sealed class WantedLayers(PublishedTrack track)
{
    private static readonly TimeSpan LeastUnwatched = TimeSpan.FromSeconds(5);

    private byte _told = byte.MaxValue;
    private byte _highestSince;
    private Instant _unwatchedSince = Instant.Never;

    /// <summary>Looks again; also every second, for what has lasted.</summary>
    /// <param name="highest">The highest rank to tell of.</param>
    /// <returns>True when it has to be told.</returns>
    public bool TryChange(Instant now, out byte highest)
    {
        var last = (byte)(track.Encodings.Count - 1);
        var told = Math.Min(_told, last);
        var wanted = Highest(last);
        highest = wanted;
        if (wanted > told)
            return Tell(wanted);
        if (wanted == told)
        {
            _unwatchedSince = Instant.Never;
            return false;
        }
        if (_unwatchedSince == Instant.Never)
            (_unwatchedSince, _highestSince) = (now, wanted);
        _highestSince = Math.Max(_highestSince, wanted);
        highest = _highestSince;
        return now - _unwatchedSince >= LeastUnwatched && Tell(_highestSince);
    }

    private bool Tell(byte highest)
    {
        _told = highest;
        _unwatchedSince = Instant.Never;
        return true;
    }

    private byte Highest(byte last)
    {
        byte highest = 0;
        foreach (var downTrack in track.DownTracks)
        {
            if (downTrack.IsWatched)
                highest = Math.Max(highest, Math.Min(downTrack.Wanted.Spatial, last));
        }
        return highest;
    }
}
