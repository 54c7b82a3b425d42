using System.Globalization;

namespace MeetingService.Meetings;

/// <summary>Somebody invited, known by user id, by e-mail address, or both.</summary>
internal sealed record Attendee(long? Id, string? Email);

/// <summary>How a person is found in <see cref="Meeting.Participants"/>: by user id in digits, or by address (which always has an @).</summary>
internal static class ParticipantKey
{
    public static string Of(long userId) => userId.ToString(CultureInfo.InvariantCulture);
}
