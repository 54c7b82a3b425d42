namespace MediaNode.Core.Recovery;

/// <summary>Who waits for a key frame.</summary>
internal enum KeyFrameUrgency : byte
{
    /// <summary>Somebody who lost something, or an application that asks.</summary>
    Routine,

    /// <summary>A client that goes on after a pause, or wants other layers: as often as it likes.</summary>
    Returning,

    /// <summary>A client that has had nothing of the stream yet. It would have to subscribe anew to be one again.</summary>
    Newcomer,

    /// <summary>The node, which changes what goes out because the path or the publisher does.</summary>
    Switch,
}
