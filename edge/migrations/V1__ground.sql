-- Ground truth: the raw changes and the order in which this node came to hold them. Everything
-- that later migrations add for pages is drawn from here and can be thrown away and redrawn.

-- What this node is, and its counters. Exactly one row.
create table node (
    only_row  integer primary key check (only_row = 1),
    id        blob    not null,             -- of the node's key; the file belongs to no other node
    epoch     integer not null,             -- the writer's epoch: raised after a restore
    log_epoch integer not null,             -- random: names the logs below, new with every epoch
    lamport   integer not null,
    card_next integer not null
) strict;

create table doc (
    doc              blob    primary key,
    kind             integer not null,      -- the first byte of the id
    household_key_id blob,                  -- reserved: the key that erasure destroys
    drill_event_id   blob,                  -- reserved: a drill's records never mix with real ones
    sealed           integer not null default 0,
    rev              integer not null default 0  -- counts applied changes; pages detect a stale form by it
) strict;

create table change (
    at     integer primary key,             -- the order in which they became part of this store
    doc    blob    not null references doc (doc),
    hash   blob    not null,
    bytes  blob    not null,                -- exactly as written by the author
    actor  blob,                            -- null when it cannot be read
    lane   integer not null,
    origin blob,                            -- the peer that brought it; null = written here
    batch  integer,                         -- the signed batch that it came in
    state  integer not null,                -- 0 applied, 1 waiting for others, 2 quarantined
    reason text,                            -- why it is quarantined, for a person to read
    unique (doc, hash)
) strict;

-- A change that is not applied is looked for by its state; there are few of them.
create index change_not_applied on change (state, doc) where state <> 0;

-- What this node holds of a scope, in the order in which it became able to tell a peer. Only ever
-- appended to; an urgent change appends what it builds on to its own lane a second time.
create table log (
    scope       text    not null,           -- a shelter's id, or 'shared'
    lane        integer not null,
    seq         integer not null,
    doc         blob    not null,
    hash        blob    not null,
    origin      blob,
    fingerprint blob    not null,
    own         integer not null,           -- changes written here, in this log up to this one
    primary key (scope, lane, seq),
    unique (scope, doc, hash, lane),
    foreign key (doc, hash) references change (doc, hash)
) strict, without rowid;

-- Positions are taken here, inside the transaction, so that no reader ever sees a gap filled later.
create table log_next (
    scope text    not null,
    lane  integer not null,
    next  integer not null,
    own   integer not null,
    primary key (scope, lane)
) strict, without rowid;

create table scope_digest (
    scope  text    primary key,
    digest blob    not null,                -- sum of fingerprints modulo 2^128, each change once
    count  integer not null
) strict, without rowid;

-- Whom this node has read, and the epoch of the logs that the places below are in.
create table peer (
    node      blob    primary key,
    log_epoch integer not null
) strict, without rowid;

-- How far this node and a peer have told each other.
create table peer_log (
    node      blob    not null,
    scope     text    not null,
    lane      integer not null,
    cursor_in integer not null default 0,   -- we have read the peer's log up to here
    acked     integer not null default 0,   -- the peer has committed ours up to here
    primary key (node, scope, lane)
) strict, without rowid;

-- When headquarters was last heard, for the line on every page. Exactly one row.
create table contact (
    only_row       integer primary key check (only_row = 1),
    heard_s        integer,                 -- wall time of the last link that said anything
    agreed_s       integer,                 -- wall time when both last held the same
    visits         integer not null,
    bytes_sent     integer not null,
    bytes_received integer not null
) strict;

insert into contact values (1, null, null, 0, 0, 0);
