using JasperFx;
using Marten;
using MeetingService.Accounts;
using MeetingService.Wire;
using Microsoft.AspNetCore.Http.HttpResults;

namespace MeetingService.Meetings;

/// <summary><c>PUT /meetings/{id}</c>: the host changes some of the members; the others stay.</summary>
internal static class ChangeMeeting
{
    /// <summary>Attempts; each loses only to another change that got through, so more than a few means a fight that callers should settle.</summary>
    private const int MaximumAttempts = 5;

    public static void Map(IEndpointRouteBuilder routes) => routes.MapPut("/{id}", Handle).WithSummary("Changes a meeting");

    /// <returns>One event for each aspect that really changes; none when all is as asked for.</returns>
    public static Outcome<IMeetingEvent[]> Decide(MeetingFields fields, Meeting meeting, DateTimeOffset now)
    {
        var startsAt = fields.StartsAt ?? meeting.StartsAt;
        var endsAt = fields.EndsAt ?? meeting.EndsAt;
        var notify = fields.Notify ?? meeting.Notify;
        var notifyBefore = fields.NotifyBefore.Or(meeting.NotifyBefore);
        if (MeetingPeriod.Check(startsAt, endsAt) is { } problem)
            return problem;

        List<IMeetingEvent> events = [];
        if (fields.Name is { } name && name != meeting.Name)
            events.Add(new MeetingRenamed(name, now));
        if (startsAt != meeting.StartsAt || endsAt != meeting.EndsAt)
            events.Add(new MeetingRescheduled(startsAt, endsAt, now));
        if (fields.Attendees is { } attendees && !attendees.SequenceEqual(meeting.Attendees))
            events.Add(new AttendeesReplaced(attendees, now));
        if (fields.Record is { } record && record != meeting.Record)
            events.Add(new RecordingSwitched(record, now));
        if (fields.Public is { } isPublic && isPublic != meeting.Public)
            events.Add(new VisibilityChanged(isPublic, now));
        if (fields.Scheduled is { } scheduled && scheduled != meeting.Scheduled)
            events.Add(new ScheduledFlagChanged(scheduled, now));
        if (notify != meeting.Notify || notifyBefore != meeting.NotifyBefore)
            events.Add(new ReminderChanged(notify, notifyBefore, now));
        if (fields.TimeZone is { IsGiven: true, Value: var zone } && zone != meeting.TimeZone)
            events.Add(new TimeZoneChanged(zone, now));
        return events.ToArray();
    }

    private static async Task<Results<Ok<MeetingJson>, Problem>> Handle(
        string id, HttpRequest request, Caller caller, IDocumentStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, cancellationToken);
        if (!body.IsSuccess)
            return body.Problem;
        var fields = MeetingFields.Read(body.Value);
        if (body.Value.Problem is { } invalid)
            return invalid;
        for (var attempt = 0; attempt < MaximumAttempts; attempt++)
        {
            try
            {
                var changed = await TryChangeAsync(id, fields, caller, store, time.GetMilliseconds(), cancellationToken);
                return changed.IsSuccess ? TypedResults.Ok(MeetingJson.From(changed.Value)) : changed.Problem;
            }
            catch (ConcurrencyException)
            {
                // Another change came between; decide again on what it left.
            }
        }

        return Problem.Whole(StatusCodes.Status409Conflict, "The meeting is being changed by others; try again");
    }

    private static async Task<Outcome<Meeting>> TryChangeAsync(
        string id, MeetingFields fields, Caller caller, IDocumentStore store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!MeetingId.IsWellFormed(id))
            return Problem.NotFound;
        await using var documents = store.LightweightSession();
        var stream = await documents.Events.FetchForWriting<Meeting>(id, cancellationToken);
        var meeting = MeetingAccess.ToChange(stream.Aggregate, caller.ApplicationId, caller.UserId);
        if (!meeting.IsSuccess)
            return meeting.Problem;
        var events = Decide(fields, meeting.Value, now);
        if (!events.IsSuccess)
            return events.Problem;
        stream.AppendMany(events.Value);
        await documents.SaveChangesAsync(cancellationToken);
        return events.Value.Aggregate(meeting.Value, (state, happened) => Meeting.After(state, happened, state.Version + 1)!);
    }
}
