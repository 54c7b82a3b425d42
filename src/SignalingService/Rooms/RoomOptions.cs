using System.ComponentModel.DataAnnotations;

namespace SignalingService.Rooms;

/// <summary>Configuration section <c>Rooms</c>.</summary>
internal sealed record RoomOptions
{
    public const string Section = "Rooms";

    /// <summary>People in one room; 12 unless told, as the product has it; 0 leaves it to the node.</summary>
    [Range(0, 100_000)]
    public uint MaximumParticipants { get; init; } = 12;

    /// <summary>Cap of what one publisher may send, in bits per second; 0 for none, which is the default.</summary>
    public uint PublisherBitrate { get; init; }

    /// <summary>Video codecs preferred where publishers offer them, the first most, as in "h264,vp8"; empty, the default, leaves it to the node: what most receivers have.</summary>
    [RegularExpression("^((vp8|vp9|h264|av1)(,(vp8|vp9|h264|av1))*)?$")]
    public string VideoCodecs { get; init; } = "";

    /// <summary>Publishers whose video each participant gets: those who spoke last. 0, the default: all.</summary>
    [Range(0, 100_000)]
    public uint MaximumVideoStreams { get; init; }

    /// <summary>Publishers whose audio is forwarded: the loudest. 0, the default: all.</summary>
    [Range(0, 100_000)]
    public uint MaximumAudioStreams { get; init; }
}
