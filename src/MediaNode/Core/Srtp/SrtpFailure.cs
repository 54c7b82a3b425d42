namespace MediaNode.Core.Srtp;

/// <summary>Why a received packet was refused. None of these changes any state of the receiver.</summary>
public enum SrtpFailure
{
    None = 0,

    /// <summary>No room for a header, a tag and (SRTCP) an index.</summary>
    TooShort,

    /// <summary>Not version 2, or CSRCs or the extension reach past the end.</summary>
    BadHeader,

    AuthenticationFailed,

    /// <summary>This index was received before.</summary>
    Replayed,

    /// <summary>The index lies before the replay window.</summary>
    TooOld,

    /// <summary>A new SSRC, while every slot is held by one in use.</summary>
    TooManySources,

    /// <summary>An SSRC that fell silent and had to make room for others, with all that is known of its packets: this may be one of them once more.</summary>
    Forgotten,

    /// <summary>The rollover counter would pass 2^32: the key must not be used further.</summary>
    KeyExhausted,

    /// <summary>SRTCP without encryption, which no profile offered here allows.</summary>
    NotEncrypted,
}
