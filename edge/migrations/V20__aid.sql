-- What the aid pages read. Drawn from ledger and finding documents by aid/draw.rs; can be dropped
-- and drawn again.

create table day (
    doc     blob    primary key,
    label   text    not null,               -- what staff called it, such as 2026-11-22
    lamport integer not null
) strict, without rowid;

create table round (
    doc   blob    not null,
    round integer not null,
    item  text    not null,
    slot  text    not null,
    place integer not null,                 -- the order in which they were opened
    primary key (doc, round)
) strict, without rowid;

-- One row for each person who got a share; hand-outs that were taken back are not here.
create table hand_out (
    doc       blob    not null,
    event     integer not null,
    round     integer not null,
    person    integer not null,
    household integer not null,             -- its pseudonym
    reason    text    not null,
    wall_s    integer not null,
    quality   integer not null,
    place     integer not null,
    primary key (doc, round, person, event)
) strict, without rowid;

-- Shares that headquarters found in two ledgers.
create table double_hand_out (
    doc      blob    primary key,
    person   integer not null,
    item     text    not null,
    day      text    not null,
    slot     text    not null,
    shelters text    not null               -- where it was given, with commas between
) strict, without rowid;
