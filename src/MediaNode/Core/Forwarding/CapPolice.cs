using MediaNode.Core.Rtp;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// Keeps the cap of a publisher whose client heeds none of what it is told: what is too much is taken, counted and goes no further. Whole encodings, the largest first, since a part of one
/// cannot be decoded; audio always passes.
/// </summary>
internal sealed class CapPolice
{
    /// <summary>More than the cap by less than this is an encoder that breathes.</summary>
    private const double Tolerance = 1.25;

    /// <summary>Seconds in a row in which there was too much: a sender that heeds REMB or feedback takes two.</summary>
    private const int Grace = 5;

    /// <summary>Seconds in a row in which there was not.</summary>
    private const int Probation = 3;

    private int _over;
    private int _within;
    private bool _isPolicing;

    /// <summary>Every second, when the rates of the second before are known.</summary>
    public void Look(List<PublishedTrack> tracks, Bitrate cap)
    {
        var total = RateOf(tracks);
        _over = total > cap * Tolerance ? _over + 1 : 0;
        _within = total > cap * Tolerance ? 0 : _within + 1;
        _isPolicing = _isPolicing ? _within < Probation : _over >= Grace;
        var left = _isPolicing ? cap * Tolerance : Bitrate.Unlimited;
        foreach (var track in tracks)
            left -= track.Kind == MediaKind.Audio ? RateOf(track) : default;
        // The smallest picture of each before the next one of any.
        for (byte rank = 0; rank < PublishedTrack.MaximumEncodings; rank++)
        {
            foreach (var track in tracks)
            {
                if (track.Kind != MediaKind.Video || track.Layers.ByRank(rank) is not { } encoding)
                    continue;
                var rate = encoding.Tally.Rate.Bitrate;
                encoding.IsAboveCap = rate > left;
                if (encoding.IsAboveCap)
                    track.Layers.HandleStopped(encoding);
                left -= encoding.IsAboveCap ? default : rate;
            }
        }
    }

    private static Bitrate RateOf(List<PublishedTrack> tracks)
    {
        var sum = default(Bitrate);
        foreach (var track in tracks)
            sum += RateOf(track);
        return sum;
    }

    private static Bitrate RateOf(PublishedTrack track)
    {
        var sum = default(Bitrate);
        foreach (var encoding in track.Encodings)
            sum += encoding.Tally.Rate.Bitrate;
        return sum;
    }
}
