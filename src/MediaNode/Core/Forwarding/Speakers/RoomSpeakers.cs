using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Speakers;

/// <summary>
/// Who speaks in one room, and what follows for what is forwarded when the room limits it: the video of the most recent speakers, the audio of the loudest.
/// Looked at when audio levels come, a few times a second at the most.
/// </summary>
internal sealed class RoomSpeakers(Room room)
{
    /// <summary>Between two looks: shorter than a syllable.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly SpeakerOrder _order = new();
    private readonly LoudestVoices _loudest = new();
    private readonly DominantSpeaker _dominant = new();
    private Instant _nextLook;
    private (int Video, int Audio) _applied;

    public ulong DominantId => _dominant.Current?.ParticipantId ?? 0;

    public IReadOnlyList<Speaker> Speakers => _order.Speakers;

    private (int Video, int Audio) Limits => (room.Limits.MaximumVideoStreams, room.Limits.MaximumAudioStreams);

    public void Add(Speaker speaker, Instant now)
    {
        _order.Add(speaker);
        Apply(now);
    }

    public void Remove(Speaker speaker, Instant now)
    {
        _order.Remove(speaker);
        _dominant.Forget(speaker);
        Apply(now);
    }

    /// <summary>0 for the most recent speaker.</summary>
    public int RankOf(ulong participantId) => _order.RankOf(participantId);

    /// <summary>Somebody's level, or a second, has come.</summary>
    public void Look(Instant now)
    {
        if (now < _nextLook)
            return;
        _nextLook = now + Interval;
        var speakers = _order.Speakers;
        for (var i = 0; i < speakers.Count; i++)
        {
            if (speakers[i].IsTalking)
                speakers[i].LastTalkedAt = now;
        }
        var (video, audio) = Limits;
        // Without a limit the order still tells whose video an overloaded worker keeps.
        var hasChanged = _order.Promote(Math.Max(video, 1), now) && video > 0;
        hasChanged |= _loudest.Choose(speakers, audio, now);
        if (hasChanged || _applied != (video, audio))
            Apply(now);
        if (_dominant.Choose(speakers, now))
            room.Announce(new DominantSpeakerChanged(DominantId));
    }

    /// <summary>A subscriber has a new track: it begins as the others of its publisher go.</summary>
    public void Place(DownTrack track, Instant now)
    {
        if (_applied != default)
            Place(track, _order.RankOf(track.Source.Publisher.ParticipantId), _order.RankOf(track.SubscriberId), now);
    }

    private void Apply(Instant now)
    {
        if (_applied == default && Limits == default)
            return;
        _applied = Limits;
        var speakers = _order.Speakers;
        for (var rank = 0; rank < speakers.Count; rank++)
        {
            if (room.Find(speakers[rank].ParticipantId)?.Publisher is not { } publisher)
                continue;
            foreach (var track in publisher.Tracks)
            {
                foreach (var downTrack in track.DownTracks)
                    Place(downTrack, rank, _order.RankOf(downTrack.SubscriberId), now);
            }
        }
    }

    private void Place(DownTrack track, int publisherRank, int subscriberRank, Instant now)
    {
        var speaker = publisherRank < 0 ? null : _order.Speakers[publisherRank];
        var isForwarded = speaker is null || (track.Source.Kind == MediaKind.Audio ? speaker.IsHeard : IsSeen(publisherRank, subscriberRank));
        track.Hold(HoldReasons.NotAmongSpeakers, !isForwarded, now);
    }

    /// <summary>Nobody is among the ones whom they see themselves.</summary>
    private bool IsSeen(int publisherRank, int subscriberRank)
    {
        var others = subscriberRank >= 0 && subscriberRank < publisherRank ? publisherRank - 1 : publisherRank;
        return _applied.Video == 0 || others < _applied.Video;
    }
}
