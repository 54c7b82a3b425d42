using MediaNode.Core.Forwarding.Layers;
using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding.Overload;

/// <summary>
/// Sheds video while the worker is behind: what may be sent is shared among the rooms, and those that want more than their share are cut, by frame rate, by
/// picture size, by track, at last by receiver. Audio is never touched. Runs twice a second, and goes over all tracks only while there is something to shed.
/// </summary>
internal sealed class LoadShedding(RoomTable rooms)
{
    /// <summary>
    /// While no more and no less is shed, rooms are looked at so often only: what they want varies with every key frame, and each track that comes back for it asks
    /// for another.
    /// </summary>
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(3);

    private readonly OverloadControl _control = new();
    private readonly List<Room> _rooms = [];
    private readonly List<TrackCost> _costs = [];
    private readonly List<PublishedTrack> _tracks = [];
    private double[] _demands = [];
    private int _cutRooms;
    private Instant _nextReview;

    public double Kept => _control.Kept;

    /// <summary>Rooms that get less than they want.</summary>
    public int CutRooms => _cutRooms;

    /// <returns>True when more or less is shed than before.</returns>
    public bool Take(double busy, double backlog, Instant now)
    {
        var wasShedding = _control.Kept < 1;
        var hasChanged = _control.Take(busy, backlog);
        if (!hasChanged && (!wasShedding || now < _nextReview))
            return false;
        _nextReview = now + Review;
        var before = _cutRooms;
        Share(now);
        return hasChanged || _cutRooms != before;
    }

    private void Share(Instant now)
    {
        rooms.CopyTo(_rooms);
        if (_demands.Length < _rooms.Count)
            _demands = new double[_rooms.Count];
        var total = 0.0;
        for (var i = 0; i < _rooms.Count; i++)
        {
            List(_rooms[i], now);
            _demands[i] = 0;
            foreach (var cost in _costs)
                _demands[i] += cost.Full;
            total += _demands[i];
        }
        var level = _control.Kept >= 1 ? double.PositiveInfinity : FairShares.Level(_demands.AsSpan(0, _rooms.Count), total * _control.Kept);
        _cutRooms = 0;
        foreach (var room in _rooms)
            Cut(room, level, now);
        _rooms.Clear();
    }

    private void Cut(Room room, double share, Instant now)
    {
        List(room, now);
        room.Cut = RoomCut.Decide(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_costs), share, room.Cut);
        if (room.Cut.Step != CutStep.None)
            _cutRooms++;
        for (var i = 0; i < _tracks.Count; i++)
        {
            var receivers = 0;
            foreach (var downTrack in _tracks[i].DownTracks)
                Apply(downTrack, room.Cut, i >= room.Cut.Tracks || (IsWanted(downTrack) && ++receivers > room.Cut.Receivers), now);
        }
    }

    private static void Apply(DownTrack track, RoomCut cut, bool isHeld, Instant now)
    {
        track.Limit(
            cut.Step switch
            {
                CutStep.None => Layer.All,
                CutStep.LowestFrameRate => Layer.All with { Temporal = 0 },
                _ => default,
            },
            now);
        track.Hold(HoldReasons.Overload, isHeld, now);
    }

    /// <summary>The room's video, recent speakers first, and what it costs. Tracks that nobody gets come too: they take no place.</summary>
    private void List(Room room, Instant now)
    {
        _tracks.Clear();
        _costs.Clear();
        var speakers = room.Speakers.Speakers;
        for (var i = 0; i < speakers.Count; i++)
        {
            if (room.Find(speakers[i].ParticipantId)?.Publisher is not { } publisher)
                continue;
            foreach (var track in publisher.Tracks)
            {
                if (track.Kind != MediaKind.Video)
                    continue;
                _tracks.Add(track);
                _costs.Add(CostOf(track, now));
            }
        }
    }

    private static TrackCost CostOf(PublishedTrack track, Instant now)
    {
        Span<LayerOption> options = stackalloc LayerOption[TrackLayers.MaximumOptions];
        var sum = default(TrackCost);
        foreach (var downTrack in track.DownTracks)
        {
            if (!IsWanted(downTrack))
                continue;
            var count = downTrack.CopyOptions(options, withExpected: false, now);
            if (count > 0)
                sum += CostOf(options[..count]);
        }
        return sum;
    }

    /// <summary>It would go out if there were no overload.</summary>
    private static bool IsWanted(DownTrack track) => !track.IsPaused && track.IsAccepted && (track.Holds & HoldReasons.NotAmongSpeakers) == 0;

    /// <summary>Packets follow from bits: the layers' bitrates are measured, their packets are not.</summary>
    private static TrackCost CostOf(ReadOnlySpan<LayerOption> options)
    {
        var last = options[^1];
        var first = 0;
        while (options[first].Layer.Spatial != last.Layer.Spatial)
            first++;
        return new(Packets(last), Packets(options[first]), Packets(options[0]), 1);
    }

    private static double Packets(in LayerOption option) => option.Bitrate.BitsPerSecond / (8.0 * AveragePacketBytes);

    /// <summary>A packet of video, header included; only the proportion between rooms matters.</summary>
    private const int AveragePacketBytes = 1000;
}
