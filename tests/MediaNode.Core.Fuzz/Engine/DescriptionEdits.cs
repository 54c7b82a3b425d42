namespace MediaNode.Core.Fuzz.Engine;

/// <summary>Changes a description as the input says: first as clients do, then in ways that none does.</summary>
internal static class DescriptionEdits
{
    /// <summary>Lines that are put in for others.</summary>
    private static readonly string[] Foreign =
    [
        "a=rid:h send", "a=rid:l send", "a=simulcast:send l;h", "a=simulcast:send h", "a=inactive", "a=sendrecv", "a=recvonly", "a=sendonly", "a=rtcp-fb:96 nack", "a=rtcp-fb:111 nack",
        "a=rtpmap:96 H264/90000", "a=rtpmap:96 VP9/90000", "a=rtpmap:96 AV1/90000", "a=rtpmap:100 VP8/90000", "a=rtpmap:63 opus/48000/2", "a=rtpmap:98 red/48000/2",
        "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f", "a=fmtp:96 packetization-mode=1;profile-level-id=640c1f", "a=fmtp:63 111/111", "a=fmtp:97 apt=100", "a=fmtp:98 63/63",
        "a=extmap:14 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:9 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        "a=extmap:8 https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension", "a=ssrc-group:SIM 21 22 23", "a=ssrc-group:FID 21 31", "a=ssrc:21 cname:c", "a=ssrc:9003 cname:c",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "m=video 9 UDP/TLS/RTP/SAVPF 100 97 96", "m=audio 9 UDP/TLS/RTP/SAVPF 63 111", "m=audio 9 UDP/TLS/RTP/SAVPF 98 63", "m=audio 0 UDP/TLS/RTP/SAVPF 111",
        "a=setup:passive", "a=setup:active", "a=group:BUNDLE 0 1", "a=mid:7", "a=extmap-allow-mixed",
    ];

    /// <summary>Lines without which the client that connected is not found any more; they are changed only when the input insists.</summary>
    private static readonly string[] Vital = ["a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=setup"];

    public static string Apply(string description, ref ActionInput input)
    {
        var lines = description.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).ToList();
        for (var edits = input.Byte() % 6; edits > 0 && lines.Count > 0; edits--)
            Edit(lines, ref input);
        return string.Join("\r\n", lines) + "\r\n";
    }

    private static void Edit(List<string> lines, ref ActionInput input)
    {
        var kind = input.Byte();
        var at = input.Byte() % lines.Count;
        var insists = (kind & 0x80) != 0;
        if (!insists && Vital.Any(vital => lines[at].StartsWith(vital, StringComparison.Ordinal)))
            return;
        switch (kind % 6)
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines[at] = Foreign[input.Byte() % Foreign.Length];
                break;
            case 2:
                lines.Insert(at, Foreign[input.Byte() % Foreign.Length]);
                break;
            case 3:
                lines.Insert(at, lines[input.Byte() % lines.Count]);
                break;
            case 4:
                lines[at] = lines[at].Replace(Number(input.Byte()), Number(input.Byte()), StringComparison.Ordinal);
                break;
            case 5 when lines[at].Length > 0:
                var letters = lines[at].ToCharArray();
                letters[input.Byte() % letters.Length] = (char)(input.Byte() & 0x7F);
                lines[at] = new(letters);
                break;
        }
    }

    private static string Number(byte value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
