using MediaNode.Core.Time;

namespace MediaNode.Core.Forwarding;

/// <summary>
/// When a video that did not get through to its subscriber may begin again. Each beginning costs the publisher a key frame, and everybody who gets the video one with it: the first time
/// is free, after that it takes ever longer.
/// </summary>
internal struct RestartDelay
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(32);

    /// <summary>Without a failure for so long, beyond what it had to wait, it begins anew.</summary>
    private static readonly TimeSpan Forgiveness = TimeSpan.FromSeconds(20);

    private TimeSpan _wait;
    private Instant _notBefore;

    public readonly bool Allows(Instant now) => now >= _notBefore;

    public void HandleFailure(Instant now)
    {
        if (now - _notBefore > Forgiveness)
            _wait = TimeSpan.Zero;
        _notBefore = now + _wait;
        _wait = _wait == TimeSpan.Zero ? First : _wait * 2 < Longest ? _wait * 2 : Longest;
    }
}
