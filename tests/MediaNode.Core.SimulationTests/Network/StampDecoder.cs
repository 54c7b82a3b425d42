using MediaNode.Core.Rtp;
using MediaNode.Core.Time;

namespace MediaNode.Core.SimulationTests.Network;

/// <summary>
/// Decodes what packets with a <see cref="FrameStamp"/> come to, in whatever order and with whatever gaps they come: a picture is shown when all of it is there and all that it
/// needs was shown. Asks for a key frame as a browser does.
/// </summary>
internal sealed class StampDecoder
{
    /// <summary>Bytes of a VP8 frame in front of the stamp.</summary>
    private const int FrameHeaderLength = 10;

    /// <summary>Without a picture so far, a browser asks after so long without a packet of a key frame; later on, after so long without a picture although packets come.</summary>
    private static readonly TimeSpan KeyFramePatience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PicturePatience = TimeSpan.FromSeconds(3);

    private readonly Dictionary<(int Encoding, int Frame), (FrameStamp Stamp, HashSet<int> Packets)> _frames = [];
    private readonly HashSet<(int Encoding, int Frame)> _decoded = [];
    private Instant _lastKeyPacket = new(0);
    private Instant _lastPicture = new(0);
    private Instant _lastRequest = new(0);

    /// <summary>Pictures in the order in which they could be shown.</summary>
    public List<(FrameStamp Stamp, Instant At)> Shown { get; } = [];

    public void Handle(ReadOnlySpan<byte> payload, Instant now)
    {
        if (payload.IsEmpty)
            return;
        Assert.True(Vp8PayloadDescriptor.TryParse(payload, out var descriptor, out _));
        var stamp = FrameStamp.Read(payload[(descriptor.Length + FrameHeaderLength)..]);
        if (stamp.IsKeyFrame)
            _lastKeyPacket = now;
        var key = (stamp.Encoding, stamp.Frame);
        if (!_frames.TryGetValue(key, out var frame))
            _frames.Add(key, frame = (stamp, []));
        if (frame.Packets.Add(stamp.Packet) && frame.Packets.Count == stamp.Packets)
            Decode(now);
    }

    /// <summary>Looked at now and then.</summary>
    public bool TakeKeyFrameRequest(Instant now)
    {
        var isNeeded = Shown.Count == 0
            ? now - _lastKeyPacket > KeyFramePatience
            : now - _lastPicture > PicturePatience && now - _lastKeyPacket > KeyFramePatience && _frames.Values.Any(frame => !_decoded.Contains((frame.Stamp.Encoding, frame.Stamp.Frame)));
        if (!isNeeded || now - _lastRequest < KeyFramePatience)
            return false;
        _lastRequest = now;
        return true;
    }

    /// <summary>All that can be shown now, in the order of the publisher.</summary>
    private void Decode(Instant now)
    {
        foreach (var (key, (stamp, packets)) in _frames.OrderBy(frame => frame.Key.Frame).ToList())
        {
            if (packets.Count < stamp.Packets || _decoded.Contains(key) || !stamp.References.All(reference => _decoded.Contains((stamp.Encoding, reference))))
                continue;
            _decoded.Add(key);
            _lastPicture = now;
            Shown.Add((stamp, now));
        }
    }
}
