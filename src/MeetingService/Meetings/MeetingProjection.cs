using JasperFx.Events;
using Marten.Events.Aggregation;

namespace MeetingService.Meetings;

/// <summary>Keeps <see cref="Meeting"/> up to date in the transaction that stores its events.</summary>
internal sealed class MeetingProjection : SingleStreamProjection<Meeting, string>
{
    public override Meeting? Evolve(Meeting? snapshot, string id, IEvent e) =>
        e.Data is IMeetingEvent happened ? Meeting.After(snapshot, happened, e.Version) : snapshot;
}
