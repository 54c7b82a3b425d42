namespace MeetingService.Accounts;

internal enum EntrantKind
{
    ApplicationAlone,
    KnownUser,
    NewUser,
    NewGuest,
}

/// <summary>Whom a session is opened for.</summary>
internal sealed record Entrant(EntrantKind Kind)
{
    public static readonly Entrant ApplicationAlone = new(EntrantKind.ApplicationAlone);
    public static readonly Entrant KnownUser = new(EntrantKind.KnownUser);
    public static readonly Entrant NewUser = new(EntrantKind.NewUser);
    public static readonly Entrant NewGuest = new(EntrantKind.NewGuest);
}
