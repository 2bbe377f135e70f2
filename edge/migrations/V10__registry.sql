-- What the registry's pages read. Drawn from household documents by registry/draw.rs; can be
-- dropped and drawn again.

create table household (
    doc           blob    primary key,
    pseudonym     integer not null,         -- the household's name in a day's ledger
    card          text    not null,         -- empty if its card cannot be read
    origin        text    not null,         -- d desk, p portal (unconfirmed), c confirmed
    head          text    not null,         -- the first known name, empty if none
    people        integer not null,         -- whose entries stand
    unnamed       integer not null,         -- of these, without a name
    needs         text    not null,
    disagreements integer not null,
    lamport       integer not null          -- newest first
) strict, without rowid;

create index household_card on household (card);
create index household_pseudonym on household (pseudonym);
create index household_unconfirmed on household (lamport) where origin = 'p';
create index household_disputed on household (lamport) where disagreements > 0;

create table person (
    doc          blob    not null,
    person       integer not null,          -- the same person may stand in two households
    card         text    not null,
    name         text    not null,
    reading      text    not null,
    name_fold    text    not null,
    reading_fold text    not null,
    birth        text    not null,          -- as stored in the document
    sex          text    not null,
    needs        text    not null,          -- their own and the household's
    place        text    not null,          -- the kind of whereabouts, empty if not known
    here         integer not null,          -- whether that place is at, or served by, this shelter
    disputed     integer not null,
    unconfirmed  integer not null,
    sort         text    not null,          -- reading, else name, else card: the roster's order
    primary key (doc, person)
) strict, without rowid;

create index person_roster on person (sort, person);
create index person_id on person (person);
create index person_name on person (name_fold) where name_fold <> '';
create index person_reading on person (reading_fold) where reading_fold <> '';
