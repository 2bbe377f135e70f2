-- Derived: drawn from the documents, may be dropped and drawn again.

create table household (
    doc BLOB primary key,
    card TEXT,
    shelter TEXT,
    origin TEXT not null,
    people_count bigint not null,
    pseudonym bigint not null
);
create index household_shelter on household (shelter);
create index household_pseudonym on household (pseudonym);

create table person (
    doc BLOB not null,
    person bigint not null,
    name TEXT,
    reading TEXT,
    name_fold TEXT not null,
    reading_fold TEXT not null,
    birth TEXT,
    sex TEXT,
    needs TEXT not null,
    active bigint not null,
    place TEXT,
    place_shelter TEXT,
    found_by TEXT not null,
    primary key (doc, person)
);
create index person_person on person (person);
create index person_place on person (place_shelter, place);
create index person_reading on person (reading_fold, birth);
create index person_name on person (name_fold, birth);

-- Folded words by whose beginnings people are found.
create table term (
    term TEXT not null,
    doc BLOB not null,
    person bigint not null,
    primary key (term, doc, person)
);
create index term_doc on term (doc);

create table disagreement (
    doc BLOB not null,
    subject TEXT not null,
    question TEXT not null,
    primary key (doc, subject, question)
);

-- One row for each share that a ledger says was handed out.
create table hand_out (
    doc BLOB not null,
    event bigint not null,
    person bigint not null,
    item TEXT not null,
    day TEXT not null,
    slot bigint not null,
    shelter TEXT not null,
    primary key (doc, event, person)
);
create index hand_out_share on hand_out (person, day, slot, item);
create index hand_out_shelter on hand_out (shelter, day, slot, item);

-- Locked while one share is compared over all ledgers.
create table share (
    person bigint not null,
    day TEXT not null,
    slot bigint not null,
    item TEXT not null,
    rev bigint not null,
    primary key (person, day, slot, item)
);

-- What the finding documents say.
create table finding (
    doc BLOB primary key,
    person bigint not null,
    item TEXT not null,
    day TEXT not null,
    slot bigint not null,
    found_s bigint not null
);
