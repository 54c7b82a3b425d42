using System.Globalization;

namespace MediaNode.Core.Sdp;

/// <summary>Within a bundle, packets of all m-lines mix: a payload type must mean one codec, an extension id one URI (RFC 9143 sections 9.1, 9.2).</summary>
internal static class BundleConflict
{
    public static SdpFailure? Find(SessionDescription description)
    {
        var payloads = new Dictionary<byte, PayloadFormat>();
        var extensions = new Dictionary<byte, string>();
        foreach (var media in description.Media.Where(media => media.IsRtp && !media.IsRejected && description.BundleGroup.Contains(media.Mid)))
        {
            foreach (var payload in media.Payloads)
            {
                if (!payloads.TryAdd(payload.PayloadType.Value, payload) && !IsSame(payloads[payload.PayloadType.Value], payload))
                    return new SdpFailure(0, string.Create(CultureInfo.InvariantCulture, $"a=rtpmap: payload type {payload.PayloadType.Value} means two codecs in one BUNDLE group"));
            }

            foreach (var extension in media.Extensions)
            {
                if (!extensions.TryAdd(extension.Id, extension.Uri) && extensions[extension.Id] != extension.Uri)
                    return new SdpFailure(0, string.Create(CultureInfo.InvariantCulture, $"a=extmap: id {extension.Id} means two extensions in one BUNDLE group"));
            }
        }

        return null;
    }

    private static bool IsSame(PayloadFormat left, PayloadFormat right) =>
        left.IsNamed(right.Name) && left.ClockRate == right.ClockRate && left.Channels == right.Channels;
}
