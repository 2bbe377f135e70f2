-- Who may sign in at this node's desk, and who is signed in. Not drawn from changes: it belongs to
-- this node alone and travels nowhere.

create table staff (
    number  integer primary key,            -- `s7` in the changes that this person writes
    name    text    not null unique,
    role    text    not null,               -- staff, lead
    pin     text    not null,               -- argon2id, as a PHC string
    wrong   integer not null default 0,     -- wrong PINs since the last right one
    retired integer not null default 0      -- may not sign in; the name stays for the history
) strict;

create table session (
    id        text    primary key,
    data      text    not null,
    expires_s integer not null
) strict, without rowid;
