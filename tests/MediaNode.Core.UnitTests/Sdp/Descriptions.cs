using System.Net;
using MediaNode.Core.Rtp;
using MediaNode.Core.Sdp;

namespace MediaNode.Core.UnitTests.Sdp;

/// <summary>Recorded browser descriptions and the streams that they answer.</summary>
internal static class Descriptions
{
    public static readonly LocalTransport Node = new(
        "node", "nodepasswordnodepassword", string.Join(':', Enumerable.Repeat("AB", 32)), [IPEndPoint.Parse("192.0.2.9:5004"), IPEndPoint.Parse("[2001:db8::9]:5004")], IsIceLite: true);

    public static readonly LocalTransport Client = Node with { IceUfrag = "client", IcePassword = "clientpasswordclientpassword", IsIceLite = false };

    public const string PublishOffer = "chromium-publish-offer.sdp";
    public const string SimulcastOffer = "chromium-simulcast-offer.sdp";
    /// <summary>With simulcast by a group of sources, written into the offer as clients of Janus do.</summary>
    public const string SourceGroupOffer = "chromium-source-group-offer.sdp";

    public const string SubscriberAnswer = "chromium-subscriber-answer.sdp";
    /// <summary>Recorded from Firefox 153 on a machine without its plug-in for H.264.</summary>
    public const string FirefoxPublishOffer = "firefox-publish-offer.sdp";

    /// <summary>The same Firefox' answer to the offer of <see cref="Streams"/>.</summary>
    public const string FirefoxSubscriberAnswer = "firefox-subscriber-answer.sdp";

    /// <summary>Not recorded: written in the form of what Safari 18 sends, above all its order of codecs.</summary>
    public const string SafariPublishOffer = "shaped-like-safari-publish-offer.sdp";

    public const string SubscriberAnswerAfterRemoval = "chromium-subscriber-answer-after-removal.sdp";

    /// <summary>The streams of the offer that the recorded Chromium answers belong to.</summary>
    public static OfferedStream[] Streams() =>
    [
        new(MediaKind.Audio, Codec.Opus, "", new(11), null, "alice", "42", "42-a"),
        new(MediaKind.Video, Codec.Vp8, "", new(12), new Ssrc(13), "alice", "42", "42-v"),
        OfferedStream.DataChannels,
        new(MediaKind.Video, Codec.Vp9, "", new(14), new Ssrc(15), "bob", "43", "43-v"),
        new(MediaKind.Video, Codec.H264, "packetization-mode=1;profile-level-id=42e034", new(16), new Ssrc(17), "carol", "44", "44-v"),
        new(MediaKind.Video, Codec.Av1, "", new(18), new Ssrc(19), "dave", "45", "45-v"),
    ];

    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Sdp", "Fixtures", name));

    public static SessionDescription Read(string name) => Parse(Text(name));

    public static SessionDescription Parse(string text)
    {
        Assert.True(SessionDescription.TryParse(text, out var description, out var failure), failure?.ToString());
        return description;
    }
}
