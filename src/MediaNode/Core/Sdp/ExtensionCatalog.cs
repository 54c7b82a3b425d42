using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>
/// The header extensions of each kind of media, with the ids that offers of this side use: one id has one meaning in a BUNDLE group
/// (RFC 9143 section 9.2), so the table is fixed.
/// </summary>
internal static class ExtensionCatalog
{
    private static readonly ImmutableDictionary<string, byte> Audio = ImmutableDictionary.CreateRange<string, byte>(
    [
        new(HeaderExtensionUri.AudioLevel, 1),
        new(HeaderExtensionUri.AbsSendTime, 2),
        new(HeaderExtensionUri.TransportSequenceNumber, 3),
        new(HeaderExtensionUri.Mid, 4),
        new(HeaderExtensionUri.AbsCaptureTime, 7),
    ]);

    private static readonly ImmutableDictionary<string, byte> Video = ImmutableDictionary.CreateRange<string, byte>(
    [
        new(HeaderExtensionUri.AbsSendTime, 2),
        new(HeaderExtensionUri.TransportSequenceNumber, 3),
        new(HeaderExtensionUri.Mid, 4),
        new(HeaderExtensionUri.PlayoutDelay, 5),
        new(HeaderExtensionUri.VideoOrientation, 6),
        new(HeaderExtensionUri.AbsCaptureTime, 7),
    ]);

    /// <summary>
    /// The dependency descriptor only with AV1, which has no layer numbers in its payload. With the other codecs it would repeat the payload
    /// descriptor.
    /// </summary>
    private static readonly ImmutableDictionary<string, byte> Av1 = Video.Add(HeaderExtensionUri.DependencyDescriptor, 8);

    private static readonly ImmutableDictionary<string, byte> Encodings = ImmutableDictionary.CreateRange<string, byte>(
    [
        new(HeaderExtensionUri.Rid, 10),
        new(HeaderExtensionUri.RepairedRid, 11),
    ]);

    /// <summary>What this side sends to a subscriber.</summary>
    public static ImmutableDictionary<string, byte> Sent(Codec codec) => codec switch
    {
        Codec.Opus => Audio,
        Codec.Av1 => Av1,
        _ => Video,
    };

    /// <summary>What this side understands from a publisher.</summary>
    public static ImmutableDictionary<string, byte> Received(Codec codec) => codec == Codec.Opus ? Audio : Sent(codec).AddRange(Encodings);
}
