using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>The tracks that got packets in the current batch. Audio goes first: it is what a call can least do without.</summary>
internal sealed class FanOut
{
    private readonly List<PublishedTrack> _audio = [];
    private readonly List<PublishedTrack> _video = [];

    public void Add(PublishedTrack track) => (track.Kind == MediaKind.Audio ? _audio : _video).Add(track);

    public void Run(Instant now)
    {
        Run(_audio, now);
        Run(_video, now);
    }

    private static void Run(List<PublishedTrack> tracks, Instant now)
    {
        foreach (var track in tracks)
            track.ForwardPending(now);
        tracks.Clear();
    }
}
