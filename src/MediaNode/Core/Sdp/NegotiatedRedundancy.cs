using System.Globalization;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>Redundant audio (RFC 2198) beside the codec of its blocks: the sender may use either with every packet.</summary>
/// <param name="Parameters">The a=fmtp text: the payload types of the blocks, as in "111/111".</param>
/// <param name="IsPreferred">It stands before the codec. A browser sends it only then.</param>
public sealed record NegotiatedRedundancy(PayloadType PayloadType, string Parameters, bool IsPreferred)
{
    internal const string Name = "red";

    /// <summary>Of offers to subscribers. Last, so that who answers in the order of the offer asks for nothing.</summary>
    internal static NegotiatedRedundancy Offered(PayloadType blocks) =>
        new(new(63), string.Create(CultureInfo.InvariantCulture, $"{blocks.Value}/{blocks.Value}"), IsPreferred: false);

    /// <summary>The m-line's redundancy of one codec, all of whose blocks are of that codec; null when there is none.</summary>
    internal static NegotiatedRedundancy? Find(MediaDescription media, PayloadFormat codec)
    {
        var format = media.Payloads.FirstOrDefault(format => IsOf(codec, format));
        return format is null ? null : new(format.PayloadType, format.Parameters, media.Payloads.IndexOf(format) < media.Payloads.IndexOf(codec));
    }

    internal PayloadFormat Format(NegotiatedCodec codec) => new(PayloadType, Name, codec.ClockRate, codec.Channels, Parameters, []);

    /// <summary>RFC 2198 section 5: a=fmtp lists a payload type for each block, separated by slashes. Without it nobody knows what the blocks are.</summary>
    private static bool IsOf(PayloadFormat codec, PayloadFormat format)
    {
        if (!format.IsNamed(Name) || format.ClockRate != codec.ClockRate || format.Channels != codec.Channels)
            return false;
        foreach (var block in format.Parameters.AsSpan().Split('/'))
        {
            if (!SdpText.TryPayloadType(format.Parameters.AsSpan()[block].Trim(), out var payloadType) || payloadType != codec.PayloadType)
                return false;
        }
        return true;
    }
}
