using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>The tracks that got packets in the current batch. Audio goes first: it is what a call can least do without.</summary>
internal sealed class FanOut(SessionFaults faults)
{
    private readonly List<PublishedTrack> _audio = [];
    private readonly List<PublishedTrack> _video = [];

    public void Add(PublishedTrack track) => (track.Kind == MediaKind.Audio ? _audio : _video).Add(track);

    public void Run(Instant now)
    {
        Run(_audio, now);
        Run(_video, now);
    }

    private void Run(List<PublishedTrack> tracks, Instant now)
    {
        var next = 0;
        // Ends: each turn takes at least one track, or is the last.
        while (next < tracks.Count)
        {
            try
            {
                while (next < tracks.Count)
                    tracks[next++].ForwardPending(now);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // The packets are the publisher's, and what one subscriber cannot be sent, many cannot: so it is the publisher who goes. The other tracks are forwarded.
                var tripped = tracks[next - 1];
                tripped.DiscardPending();
                faults.Contain(tripped.Publisher, exception, now);
            }
        }
        tracks.Clear();
    }
}
