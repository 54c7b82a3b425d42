using System.Text.Json;

namespace SignalingService.Contracts;

/// <summary>A system message on its way to every connection of one user, on whichever instance they are.</summary>
/// <param name="Id">Chosen by the sender; repeated deliveries carry the same one.</param>
/// <param name="ApplicationId">Sender and recipient belong to this application.</param>
/// <param name="Extension">A JSON object of the app's own properties, such as <c>callStart</c>, <c>callRejected</c>, <c>callEnd</c>.</param>
public sealed record SystemMessage(
    string Id, long ApplicationId, long FromUserId, long ToUserId, string? Body, JsonElement? Extension, DateTimeOffset SentAt);
