using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Layers;

/// <summary>
/// Which layers of one published track somebody watches: encodings, or with a single one its spatial layers. More is told at once; less only when it has lasted, since
/// a layer that starts again costs its viewers a key frame.
/// </summary>
internal sealed class WantedLayers(PublishedTrack track)
{
    /// <summary>Rank of the highest layer when nobody watches any.</summary>
    public const int None = -1;

    private static readonly TimeSpan LeastUnwatched = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A layer that is watched again comes within this, the way of the message and an encoder's first key frame included. One that does not is left out by the publisher for reasons of its own.
    /// </summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(3);

    /// <summary>Before anything was told the publisher sends all that it can.</summary>
    private int _told = int.MaxValue;
    private int _raisedFrom = int.MaxValue;
    private Instant _raisedAt;
    private int _highestSince;
    private Instant _unwatchedSince = Instant.Never;

    /// <summary>Looks again; also every second, for what has lasted.</summary>
    /// <param name="now">The current moment.</param>
    /// <param name="highest">The highest rank to tell of, or <see cref="None"/>.</param>
    /// <returns>True when it has to be told.</returns>
    public bool TryChange(Instant now, out int highest)
    {
        int last = track.Layers.HighestRank;
        var told = Math.Min(_told, last);
        highest = Highest(last);
        if (highest > told)
        {
            // What was raised a moment ago is still on its way.
            _raisedFrom = IsRecent(now) ? Math.Min(_raisedFrom, told) : told;
            _raisedAt = now;
            return Tell(highest);
        }
        if (highest == told)
        {
            _unwatchedSince = Instant.Never;
            return false;
        }
        if (_unwatchedSince == Instant.Never)
            (_unwatchedSince, _highestSince) = (now, highest);
        highest = _highestSince = Math.Max(_highestSince, highest);
        return now - _unwatchedSince >= LeastUnwatched && Tell(highest);
    }

    /// <summary>A layer that does not come would come if somebody watched it: it was told that nobody does, or was told otherwise only a moment ago.</summary>
    public bool Expects(int rank, Instant now) => rank > _told || (rank > _raisedFrom && IsRecent(now));

    private bool IsRecent(Instant now) => _raisedFrom != int.MaxValue && now - _raisedAt < AnswerTime;

    private bool Tell(int highest)
    {
        _told = highest;
        _unwatchedSince = Instant.Never;
        return true;
    }

    private int Highest(int last)
    {
        var highest = None;
        foreach (var downTrack in track.DownTracks)
        {
            if (downTrack.IsWanted)
                highest = Math.Max(highest, Math.Min(downTrack.Wanted.Spatial, last));
        }
        return highest;
    }
}
