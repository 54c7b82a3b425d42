using System.Collections.Immutable;
using MediaNode.Core.Rtp;

namespace MediaNode.Core.Sdp;

/// <summary>
/// Which of the codecs that a publisher offers is taken: those wished for, in that order; else what most receivers have. Nobody is transcoded for, so what one receiver lacks
/// is a black picture there. Among codecs that are alike in this, the publisher's own order counts.
/// </summary>
/// <param name="Wished">By the publisher or its room, the first preferred.</param>
public sealed record CodecPreference(ImmutableArray<Codec> Wished)
{
    public static readonly CodecPreference None = new([]);

    /// <summary>The publisher's wish before the room's.</summary>
    public static CodecPreference Of(IEnumerable<Codec> publisher, IEnumerable<Codec> room) => new([.. publisher.Concat(room).Distinct()]);

    /// <summary>The lowest is taken.</summary>
    /// <param name="codec">What the payload type means.</param>
    /// <param name="parameters">Its a=fmtp text.</param>
    internal (int Wish, int Reach, int Profile) RankOf(Codec codec, string parameters)
    {
        var wish = Wished.IndexOf(codec);
        return (wish < 0 ? Wished.Length : wish, Reach(codec), codec == Codec.H264 ? Reach(parameters) : 0);
    }

    /// <summary>
    /// VP8 is in every browser (RFC 7742 section 5), VP9 in every present one. H.264 is missing in a Firefox that has not got its plug-in and in Chromium without proprietary
    /// codecs; AV1 on Apple's older machines.
    /// </summary>
    private static int Reach(Codec codec) => codec switch
    {
        Codec.Opus or Codec.Vp8 or Codec.Vp9 => 0,
        Codec.H264 => 1,
        Codec.Av1 => 2,
        _ => int.MaxValue,
    };

    /// <summary>Every decoder of H.264 takes constrained baseline; Firefox and many machines' own decoders take baseline under its name; the others are missing in Firefox.</summary>
    private static int Reach(string parameters) => H264Profiles.TryRead(parameters, out var profile)
        ? profile switch
        {
            H264Profile.ConstrainedBaseline => 0,
            H264Profile.Baseline => 1,
            _ => 2,
        }
        : int.MaxValue;
}
