using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Subscriptions;
using MeetingService.Accounts;
using MeetingService.Contracts;
using MeetingService.Meetings;

namespace MeetingService.Publication;

/// <summary>
/// Turns stored events into messages. Marten's daemon calls it on one replica at a time, in the order of the events, and moves its mark only after this
/// returns: a process that dies in between leaves the rest to whoever comes next, so a message may go out twice, but none is lost or made up.
/// </summary>
internal sealed class EventPublication(Outbox outbox) : SubscriptionBase
{
    public override async Task<IChangeListener> ProcessEventsAsync(
        EventRange page, ISubscriptionController controller, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        Dictionary<string, Meeting?> meetings = [];
        for (var i = 0; i < page.Events.Count; i++)
        {
            var stored = page.Events[i];
            if (stored.Data is SessionClosed closed)
                await outbox.PublishAsync(new SessionEnded(closed.SessionId, closed.TokenExpiresAt), stored.Id, cancellationToken);
            else if (stored.Data is IMeetingEvent happened)
                await PublishAsync(stored, happened, meetings, IsFollowedBySameCommand(page.Events, i), operations, cancellationToken);
        }

        return NullChangeListener.Instance;
    }

    /// <param name="stored">The event as stored.</param>
    /// <param name="happened">The event itself.</param>
    /// <param name="meetings">The state of this page's meetings as of their events so far.</param>
    /// <param name="isFollowed">Whether the next event says it all.</param>
    /// <param name="operations">Reads what the message needs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task PublishAsync(
        IEvent stored, IMeetingEvent happened, Dictionary<string, Meeting?> meetings, bool isFollowed, IDocumentOperations operations, CancellationToken cancellationToken)
    {
        var id = stored.StreamKey!;
        if (!meetings.TryGetValue(id, out var before) && stored.Version > 1)
            before = await operations.Events.AggregateStreamAsync<Meeting>(id, stored.Version - 1, token: cancellationToken);
        var after = Meeting.After(before, happened, stored.Version);
        meetings[id] = after;
        if (isFollowed || (after ?? before) is not { } meeting)
            return;
        var people = await operations.LoadManyAsync<User>(cancellationToken, MeetingMessages.UserIdsOf(meeting).ToArray());
        var message = MeetingMessages.From(happened, stored.Id, meeting, stored.Version, people.ToDictionary(user => user.Id));
        await outbox.PublishAsync(message, stored.Id, cancellationToken);
    }

    /// <summary>
    /// One request that changes three aspects is one change to everybody outside. If the daemon's page ends between them, there are two messages, and
    /// the second says all.
    /// </summary>
    private static bool IsFollowedBySameCommand(List<IEvent> events, int index) =>
        index + 1 < events.Count
        && events[index].Data is IMeetingEvent current and not Meetings.MeetingScheduled
        && events[index + 1].Data is IMeetingEvent next and not Meetings.MeetingCancelled
        && events[index].StreamKey == events[index + 1].StreamKey
        && current.At == next.At;
}
