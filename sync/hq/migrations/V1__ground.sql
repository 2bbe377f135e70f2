-- Ground: the truth. See README.md for the words in capitals.

-- Headquarters itself; one row.
create table ours (
    only_row bigint primary key check (only_row = 1),
    node BLOB not null,
    log_epoch bigint not null,
    actor_epoch bigint not null,
    lamport bigint not null
);

create table next_number (
    name TEXT primary key,
    next bigint not null
);
insert into next_number (name, next) values ('officer', 1), ('read_log', 1);

-- One row a document. `rev` counts the transactions that wrote it; writing it is the row lock.
-- The columns from household_key_id to sealed are kept for erasure, drills and sealed mode.
create table doc (
    doc BLOB primary key,
    kind bigint not null,
    household_key_id BLOB,
    drill_event_id BLOB,
    sealed bigint not null default 0,
    rev bigint not null default 0
);

-- Raw changes. `state`: 0 applied, 1 waiting for what it builds on, 2 quarantined for `reason`.
-- `landed` is its place in the order in which changes joined the document; null until it did.
create table change (
    doc BLOB not null,
    hash BLOB not null,
    bytes BLOB not null,
    actor BLOB,
    lane bigint not null,
    origin BLOB,
    batch bigint,
    state bigint not null,
    reason TEXT,
    landed bigint,
    arrived_s bigint not null,
    primary key (doc, hash)
);
create index change_state on change (state, arrived_s);

-- The signed batches that changes came in: who stands for them.
create table batch (
    batch bigint primary key,
    author BLOB not null,
    epoch bigint not null,
    signature BLOB not null,
    arrived_s bigint not null
);

-- What each scope got, lane by lane, in an order without gaps. Scopes are shelter ids and `shared`.
create table log (
    scope TEXT not null,
    lane bigint not null,
    seq bigint not null,
    doc BLOB not null,
    hash BLOB not null,
    origin BLOB,
    fingerprint BLOB not null,
    primary key (scope, lane, seq)
);
create unique index log_change on log (scope, doc, hash);

create table log_next (
    scope TEXT not null,
    lane bigint not null,
    next bigint not null,
    primary key (scope, lane)
);

-- The sum of the fingerprints in a scope's logs.
create table scope_digest (
    scope TEXT primary key,
    digest BLOB not null,
    count bigint not null
);

-- Changes that a node sent and that joined nothing (yet): they count as received towards that node
-- and travel to nobody.
create table withheld (
    node BLOB not null,
    scope TEXT not null,
    doc BLOB not null,
    hash BLOB not null,
    fingerprint BLOB not null,
    primary key (node, scope, doc, hash)
);
create index withheld_change on withheld (doc, hash);

-- How far each side has read the other's logs.
create table peer (
    node BLOB not null,
    scope TEXT not null,
    lane bigint not null,
    cursor_in bigint not null,
    acked bigint not null,
    primary key (node, scope, lane)
);

-- Which documents a shelter's nodes hold; written by headquarters alone.
create table membership (
    doc BLOB not null,
    scope TEXT not null,
    version bigint not null,
    since_s bigint not null,
    why TEXT not null,
    officer bigint,
    primary key (doc, scope)
);
create index membership_scope on membership (scope, doc);

create table shelter (
    shelter TEXT primary key,
    name TEXT not null,
    name_fold TEXT not null,
    address TEXT not null,
    lat_e6 bigint,
    lon_e6 bigint
);

-- The list of nodes that may connect. `log_epoch` is the epoch of the node's own logs.
create table node (
    node BLOB primary key,
    key BLOB not null,
    shelter TEXT not null,
    code TEXT not null unique,
    name TEXT not null,
    admitted_s bigint not null,
    revoked_s bigint,
    log_epoch bigint,
    last_contact_s bigint,
    last_digest TEXT,
    digest_s bigint
);
create index node_shelter on node (shelter);

create table officer (
    officer bigint primary key,
    name TEXT not null,
    name_fold TEXT not null unique,
    role TEXT not null,
    password_hash TEXT not null,
    added_s bigint not null,
    struck_s bigint
);

create table session (
    id BLOB primary key,
    data TEXT not null,
    expires_s bigint not null
);

create table wrong_try (
    who BLOB primary key,
    tries bigint not null,
    last_s bigint not null
);

-- Who looked at whom. Only ever added to.
create table read_log (
    seq bigint primary key,
    officer bigint not null,
    at_s bigint not null,
    act TEXT not null,
    what TEXT not null,
    reason TEXT not null
);
