using System.Globalization;

namespace MediaNode.Core.Sdp;

/// <summary>
/// Profiles of H.264 that WebRTC endpoints have. A profile-level-id names one by profile_idc and the constraint flags behind it (RFC 6184 section 8.1); several ids may mean
/// the same.
/// </summary>
internal enum H264Profile : byte
{
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,

    /// <summary>High 4:4:4 Predictive.</summary>
    PredictiveHigh444,
}

internal static class H264Profiles
{
    /// <summary>
    /// The profile-iop byte of each profile_idc, under a mask of the bits that matter (RFC 6184 table 5): six constraint flags, and two reserved bits that are zero.
    /// </summary>
    private static readonly (byte Idc, byte Mask, byte Iop, H264Profile Profile)[] Patterns =
    [
        (0x42, 0x4F, 0x40, H264Profile.ConstrainedBaseline),
        (0x4D, 0x8F, 0x80, H264Profile.ConstrainedBaseline),
        (0x58, 0xCF, 0xC0, H264Profile.ConstrainedBaseline),
        (0x42, 0x4F, 0x00, H264Profile.Baseline),
        (0x58, 0xCF, 0x80, H264Profile.Baseline),
        (0x4D, 0xAF, 0x00, H264Profile.Main),
        (0x64, 0xFF, 0x00, H264Profile.High),
        (0x64, 0xFF, 0x0C, H264Profile.ConstrainedHigh),
        (0xF4, 0xFF, 0x00, H264Profile.PredictiveHigh444),
    ];

    /// <summary>Reads the profile of an a=fmtp text; without profile-level-id it is baseline (RFC 6184 section 8.1). False for one that nothing is known of.</summary>
    public static bool TryRead(string parameters, out H264Profile profile)
    {
        profile = H264Profile.Baseline;
        if (CodecCatalog.Parameter(parameters, "profile-level-id") is not { } text)
            return true;
        if (text.Length != 6 || !int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
            return false;
        foreach (var pattern in Patterns)
        {
            if (id >> 16 != pattern.Idc || ((id >> 8) & pattern.Mask) != pattern.Iop)
                continue;
            profile = pattern.Profile;
            return true;
        }
        return false;
    }

    /// <summary>
    /// Whoever decodes the one profile decodes streams of the other (ITU-T H.264 annex A.2): constrained baseline is a part of all of them, main of the high ones. Levels do not
    /// matter: with level-asymmetry-allowed each side names its own, and no offer of the node's asks for more than 3.1.
    /// </summary>
    public static bool CanDecode(this H264Profile receiver, H264Profile stream) => stream == receiver || stream switch
    {
        H264Profile.ConstrainedBaseline => true,
        H264Profile.Main or H264Profile.ConstrainedHigh => receiver is H264Profile.High or H264Profile.PredictiveHigh444,
        H264Profile.High => receiver == H264Profile.PredictiveHigh444,
        _ => false,
    };
}
