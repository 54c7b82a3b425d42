using NotificationService.Reminders;

namespace NotificationService.Deliveries;

/// <summary>A mail owed to one address, and the meeting as it is known now.</summary>
/// <param name="StartsAt">The start that the reminder was for.</param>
/// <param name="Address">In lower case.</param>
/// <param name="CreatedAt">When the reminder fired.</param>
/// <param name="Attempts">How often the mail was tried and deferred.</param>
internal sealed record Delivery(DateTimeOffset StartsAt, string Address, DateTimeOffset CreatedAt, int Attempts, TrackedMeeting Meeting);
