namespace MediaNode.Core.Forwarding;

/// <summary>Why the node keeps a track from a subscriber who would have it. Without any of them it is sent.</summary>
[Flags]
public enum HoldReasons : byte
{
    None = 0,

    /// <summary>The room forwards a limited number of streams, and this one's publisher is not among the speakers.</summary>
    NotAmongSpeakers = 1,

    /// <summary>The worker has more to do than it can.</summary>
    Overload = 1 << 1,
}
