-- The service's own tables. Run at every start, by several instances at once, under an advisory lock; so each statement must be repeatable.
-- Quartz creates its tables (qrtz_*) in the same schema by itself.

create schema if not exists notifications;

-- The newest state heard of each meeting. "details" is json, not jsonb: a name may hold U+0000, which jsonb refuses.
create table if not exists notifications.meetings (
    meeting_id text primary key,
    version    bigint not null,
    cancelled  boolean not null,
    ends_at    timestamptz not null,
    remind_at  timestamptz null,
    details    json not null
);

create index if not exists meetings_by_end on notifications.meetings (ends_at);

-- One mail owed to one address for one start of one meeting: the key is what makes "exactly once" a fact of the database.
-- The row's lock is the claim on it, so a claim ends with the connection of whoever held it.
create table if not exists notifications.deliveries (
    meeting_id text not null references notifications.meetings on delete cascade,
    starts_at  timestamptz not null,
    address    text not null,
    created_at timestamptz not null default now(),
    due_at     timestamptz not null default now(),
    attempts   integer not null default 0,
    sent_at    timestamptz null,
    failed_at  timestamptz null,
    problem    text null,
    primary key (meeting_id, starts_at, address)
);

create index if not exists deliveries_by_due on notifications.deliveries (due_at) where sent_at is null and failed_at is null;
