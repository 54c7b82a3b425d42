using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>Tells talking from silence by the audio levels in the packets' headers (RFC 6464), with hysteresis against flicker.</summary>
internal sealed class SpeechDetector
{
    /// <summary>Louder than this, in -dBov, for <see cref="StartAfter"/> is talking. Quiet speech into a laptop is about 50, a quiet room 70.</summary>
    private const double StartLevel = 50;

    /// <summary>Quieter than this for <see cref="StopAfter"/> is silence.</summary>
    private const double StopLevel = 58;

    /// <summary>Weight of a new packet in the smoothed level: with 20 ms packets half of it is the last 140 ms.</summary>
    private const double Smoothing = 0.1;

    private static readonly TimeSpan StartAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan StopAfter = TimeSpan.FromMilliseconds(800);

    private double _level = 127;
    private Instant _lastAt = Instant.Never;
    private Instant _since = Instant.Never;

    public bool IsTalking { get; private set; }

    /// <summary>Smoothed level in -dBov: 0 loudest, 127 silence.</summary>
    public byte Level => (byte)_level;

    /// <inheritdoc cref="Level"/>
    public double ExactLevel => _level;

    /// <summary>A level has been told at all.</summary>
    public bool IsKnown => _lastAt != Instant.Never;

    /// <summary>Smoothed level as a share of full scale, 0 to 1 (as audioLevel of W3C's webrtc-stats); null while none was told.</summary>
    public double? Linear => !IsKnown ? null : _level >= 127 ? 0 : Math.Pow(10, -_level / 20);

    /// <returns>True when talking started or stopped.</returns>
    public bool HandleLevel(byte level, Instant now)
    {
        _lastAt = now;
        _level += (level - _level) * Smoothing;
        var differs = IsTalking ? _level > StopLevel : _level < StartLevel;
        if (!differs)
        {
            _since = Instant.Never;
            return false;
        }
        if (_since == Instant.Never)
            _since = now;
        if (now - _since < (IsTalking ? StopAfter : StartAfter))
            return false;
        IsTalking = !IsTalking;
        _since = Instant.Never;
        return true;
    }

    /// <summary>Nothing has come for a while: a muted microphone may send nothing at all.</summary>
    /// <returns>True when talking stopped by that.</returns>
    public bool HandleSilence(Instant now)
    {
        if (!IsKnown || now - _lastAt < StopAfter)
            return false;
        _level = 127;
        var hasStopped = IsTalking;
        IsTalking = false;
        _since = Instant.Never;
        return hasStopped;
    }
}
